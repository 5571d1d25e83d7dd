"""What the console's box for a small step opens with: an idea of the result, a step to change, or nothing yet.

With a script the same is done in the page (`agreeing.js`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from cafe.scene import Scene


@dataclass(frozen=True)
class Opened:
    """The box as it opens: what saving it does, what it is about, and what stands in it."""

    do: Literal["agree_step", "revise_step"]
    target: str = ""
    step: str = ""
    base: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    ambitions: tuple[int, ...] = ()


def opened(seen: Scene, asked: Mapping[str, str], typed: Mapping[str, str]) -> Opened | None:
    """Return the box as a page was asked to open it, with what was typed in it already; None to leave it closed."""
    step = next((each for each in seen.steps if each.id == asked.get("revise")), None)
    if step is not None:
        words = {name: str(value or "") for name, value in msgspec.structs.asdict(step).items()}
        return Opened("revise_step", step=step.id, base=str(step.rev), typed=typed or words, ambitions=step.ambitions)
    if not asked.get("step"):
        return None
    target = next((each for each in seen.targets if each.id == asked["step"]), None)
    if target is None:
        return Opened("agree_step", typed=typed)
    return Opened("agree_step", target.id, typed=typed or {"what": target.words}, ambitions=target.ambitions)
