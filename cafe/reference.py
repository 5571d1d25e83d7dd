"""Writes `docs/protocol.md` from the code: `python -m cafe.reference > docs/protocol.md`; a test keeps it current."""

import inspect
import re
import sys
from collections.abc import Iterator
from typing import get_args

import msgspec
from msgspec import inspect as shapes

from cafe.fanout import LATEST_BACK, SOONEST_BACK
from cafe.limits import Limits, Rate
from cafe.live import MOST_MISSED
from cafe.lobby import LOBBY_SECONDS, MOST_IN_LOBBY
from cafe.packets import MOST_WAITING
from sessions import agenda, commands, links, openings, text
from sessions.commands import COMMANDS, Code, Command
from sessions.entities import (
    Changes,
    ContributionSeen,
    Earlier,
    EarlierStep,
    Entities,
    Evidence,
    Me,
    People,
    Snapshot,
    Step,
    Theme,
    Told,
    Votes,
)
from sessions.permissions import MAY_SEE, MAY_SEND

_INTRODUCTION = """# The protocol

*Generated from the code by `make docs`; do not edit. Version 1: adding a field or a command is compatible, changing
or removing one is a new version.*

A program joins with `POST /j/CODE` and `Accept: application/json`, sends `Authorization: Bearer TOKEN`, posts commands
to `POST /s/CODE/commands` as `{"commands": [...]}`, and reads `GET /s/CODE/snapshot?view=V` and
`GET /s/CODE/changes?view=V&since=R&epoch=E&as=data`. The same commands travel over Socket.IO as the event `commands`,
acknowledged with the same answer; the event `watch` with `{"session": CODE, "view": V, "since": R, "epoch": E,
"as": "data"}` subscribes to the events `changes` and `head`.
"""

_STOPPING = f"""## When the server stops

Each socket that watches hears `restarting` with `{{"retry_in": MS}}`, from {SOONEST_BACK} to {LATEST_BACK} and drawn
for it alone, and is then closed: come back after that time. Commands that arrive meanwhile answer `retry`, other
changes 503 with the code `try_again`, and `/readyz` 503; what was under way is answered first. Whatever got no answer
is sent again, with the same id.
"""

_UNSAVED = """## When nothing can be saved

While the disk is full, read-only, slow or at fault, or another program holds the database, commands answer `retry` and
other changes 409 with the code `try_again`; nothing of them is stored. Reading goes on. Every `head` then carries
`trouble` (`full`, `locked`, `read_only`, `slow`, `faulty`), also between heartbeats when it begins and ends, and
`/readyz` answers 503 and says why.
"""

_RESULTS = """## Results

One for each command, in order. `applied` and `held` are stored and carry `rev`; `repeated` is a command that had been
applied before, with its `rev`; `refused` carries `code` and `say` and is judged afresh when sent again; `retry` was not
stored, carries `retry_after_ms`, and everything behind it in the batch answers `retry` too. An answer comes only after
the commit.
"""

_LATE = f"""## Late arrivals

`turn` in a snapshot and in every frame is the number of the present opening of a stage. `contribute`, `publish` and
`reword` may carry the `turn` they were written in. When the room has moved on since, a post from an opening that
welcomed it is still applied within {int(openings.GRACE.total_seconds())} seconds of its end, marked `late`; after that,
or from an opening this database does not know, it is `held`: stored, and waiting for the facilitator (`approve`). New
words for an old idea come within that time or are refused (`wrong_stage`), as is whatever says nothing of its `turn`. A
vote is never counted for the turn it claims.
"""

_MERGING = """## Applying changes

1. A frame with `from` above the revision you hold leaves a gap: ask `changes?since=` instead. One with `to` at or below
   it is old: ignore it. A frame without `from` is yours alone and does not move your revision.
2. In `entities`, a list holds what changed: replace the entity of the same `id` unless yours has a greater `rev`, add
   what is new, and keep contributions in the order of `order`. An object (`votes`, `people`) holds the keys that
   changed: replace those keys. Anything else replaces what you have.
3. Remove what `gone` names. In a frame that everybody gets, it does not concern a contribution that is `mine`: those
   go by a frame of your own, and so does what was removed for good, since nobody's name is on it any more: forget
   every copy of what `erased` names.
4. `recounted` names the targets whose open tally changed.
5. With another `epoch`, or on the answer 410 (`resync` over the socket), take the whole state with `since=0`.

The law, tested for every command and view: snapshot at r + changes from r = snapshot at n.
"""


def protocol() -> str:
    """Return the whole document."""
    sections = [
        _INTRODUCTION,
        _limits(),
        _commands(),
        _RESULTS,
        _codes(),
        _LATE,
        _views(),
        _stages(),
        _entities(),
        _MERGING,
        _STOPPING,
        _UNSAVED,
    ]
    return "\n".join(sections)


def _limits() -> str:
    return (
        "## Limits\n\n"
        f"At most {commands.MOST_IN_A_BATCH} commands a batch, {commands.MOST_BYTES // 1024} KiB a body, "
        f"{text.LONGEST_TEXT:,} characters a text. At most {MOST_MISSED // 1024} KiB of missed changes go over the "
        f"socket; more answers `resync`. One-time links last {links.LINK_DAYS} days, the set-up link "
        f"{links.SETUP_MINUTES} minutes. `GET /limits` gives them as JSON.\n\n"
        f"JSON is read strictly: NaN and infinities, numbers of more than {commands.LONGEST_NUMBER} digits, a key "
        f"twice in one object and nesting deeper than {commands.DEEPEST} make a body 400, and end a socket's "
        "connection; so do there binary messages, attachments, more than "
        f"{commands.MOST_BYTES // 1024} KiB, and packets that no client sends. A socket watches something within "
        f"{LOBBY_SECONDS:.0f} seconds or is closed; more than {MOST_IN_LOBBY:,} that do not are answered 503 with "
        "`Retry-After`. A client that does not read is cut off once "
        f"{MOST_WAITING // 1024} KiB wait for it, and catches up when it comes back. Nothing is compressed over a "
        "WebSocket.\n\n"
        "What comes faster than this is asked to wait: a command is answered `retry`, which stops its batch, anything "
        "else 429 with `Retry-After`. What was carried out before never waits. `CAFE_LIMITS` sets rates, as in "
        "`posts=20/3 joins=600/0.005` (so many at once, then one more every so many seconds); `CAFE_SEAT_LIMITS=off` "
        "lifts all but the sessions' and that of wrong codes.\n\n"
        "| limit | of what | at once | then one more every |\n| --- | --- | --- | --- |\n" + "\n".join(_rates()) + "\n"
    )


def _rates() -> Iterator[str]:
    for each in shapes.type_info(Limits).fields:  # type: ignore[attr-defined]
        if isinstance(each.default, Rate) and isinstance(each.type, shapes.Metadata):
            said = (each.type.extra_json_schema or {}).get("description")
            yield f"| `{each.name}` | {said} | {each.default.burst} | {each.default.seconds:g} s |"


def _commands() -> str:
    shared = "\n".join(_field(each) for each in shapes.type_info(Command).fields)  # type: ignore[attr-defined]
    parts = [f"## Commands\n\nEvery command carries `do` and:\n\n{_HEAD}{shared}\n"]
    parts += [_command(do, kind) for do, kind in COMMANDS.items()]
    return "\n".join(parts)


_HEAD = "| field | what it takes | when left out |\n| --- | --- | --- |\n"


def _command(do: str, kind: type[Command]) -> str:
    carried = {each.name for each in msgspec.structs.fields(Command)}
    fields = [each for each in shapes.type_info(kind).fields if each.name not in carried]  # type: ignore[attr-defined]
    rows = "\n".join(_field(each) for each in fields)
    who = ", ".join(sorted(MAY_SEND[kind]))
    welcome = "at every stage" if kind in agenda.ALWAYS else "while the stage welcomes it"
    table = f"\n{_HEAD}{rows}\n" if fields else ""
    return f"### `{do}`\n\n{_said(kind)} Sent by: {who}; {welcome}.\n{table}"


def _field(each: shapes.Field) -> str:
    missing = "must be there" if each.required else f"`{msgspec.json.encode(each.default).decode()}`"
    return f"| `{each.name}` | {_takes(each.type)} | {missing} |"


def _takes(kind: shapes.Type) -> str:  # noqa: PLR0911  # one line for each shape
    """Return in words what a field takes."""
    match kind:
        case shapes.Metadata(type=inner, extra_json_schema=schema):
            return str(schema["description"]) if schema and "description" in schema else _takes(inner)
        case shapes.UnionType(types=types):
            return " or ".join(_takes(each) for each in types)
        case shapes.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in values)
        case shapes.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case shapes.VarTupleType(item_type=item, max_length=most):
            return f"a list of at most {most}: {_takes(item)}"
        case shapes.BoolType():
            return "`true` or `false`"
        case shapes.NoneType():
            return "`null`"
        case _:
            return "text"


def _codes() -> str:
    return "## Codes of refusal\n\n" + ", ".join(f"`{code}`" for code in get_args(Code)) + ".\n"


def _views() -> str:
    rows = "\n".join(f"| `{view}` | {', '.join(sorted(roles))} |" for view, roles in MAY_SEE.items())
    return f"## Views\n\n| view | who may have it |\n| --- | --- |\n{rows}\n"


def _stages() -> str:
    lines = ["## Agendas\n"]
    for name, stages in agenda.AGENDAS.items():
        lines.append(
            f"### `{name}`\n\n| stage | minutes of 60 / 90 / 120 | welcomes | tally |\n| --- | --- | --- | --- |"
        )
        for stage in stages:
            welcome = ", ".join(
                f"`{commands.wire_name(kind)}`" for kind in sorted(each.__name__ for each in stage.welcome)
            )
            tally = "shown" if stage.shows_tally else "absent"
            minutes = " / ".join(str(each or "–") for each in stage.minutes)
            lines.append(f"| `{stage.id}` | {minutes} | {welcome or '–'} | {tally} |")
        lines.append("")
    return "\n".join(lines)


_SEEN = (
    Snapshot, Entities, ContributionSeen, Theme, Votes, Step, Told, Evidence, Earlier, EarlierStep, People, Me, Changes,
)  # fmt: skip


def _entities() -> str:
    parts = ["## What a view is told\n"]
    for kind in _SEEN:
        names = ", ".join(f"`{each.encode_name}`" for each in msgspec.structs.fields(kind))
        parts.append(f"- **{kind.__name__}**: {_said(kind)} Fields: {names}.")
    return "\n".join(parts) + "\n\nA snapshot is one flat object: its own fields and those of `Entities`.\n"


def _said(kind: type) -> str:
    """Return a class's docstring as one paragraph."""
    return re.sub(r"\s+", " ", inspect.getdoc(kind) or "")


if __name__ == "__main__":
    sys.stdout.write(protocol())
