"""Who does what when: each phone posts once and sets votes five times, spread evenly over the time with some jitter."""

import random
from typing import NamedTuple

VOTES = 5
WORDS = (
    "Ring every new carer in the first week and ask what would help most.",
    "Keep one page at the bedside that says what matters to the person.",
    "Walk the ward with a volunteer on Fridays, and write down what people ask for.",
    "Ask at handover who has spoken with the family today, and what they said.",
)


class Act(NamedTuple):
    """What one phone does at a moment, in seconds from the start."""

    at: float
    phone: int
    does: str


def plan(phones: int, seconds: float, seed: int) -> list[Act]:
    """Return all acts in order, the same for the same seed; the first idea comes at once, votes a little later."""
    dice = random.Random(seed)
    order = dice.sample(range(phones), phones)
    slot = seconds / phones
    acts = [Act(slot * (place + dice.random()) * bool(place), phone, "post") for place, phone in enumerate(order)]
    for turn in range(VOTES):
        slot = (seconds - 1) / (VOTES * phones)
        first = 1 + turn * phones * slot
        order = dice.sample(range(phones), phones)
        acts += [Act(first + slot * (place + dice.random()), phone, "vote") for place, phone in enumerate(order)]
    return sorted(acts)


def words(phone: int) -> str:
    """Return what a phone posts: about as long as what people write."""
    return f"{WORDS[phone % len(WORDS)]} ({phone})"
