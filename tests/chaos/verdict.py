"""The verdict on a play, with Jepsen's classes: what was acknowledged must be there, once, and be seen.

Lost: acknowledged, and not there. Duplicated: there more than once. Stale: missing from a look that began after the
acknowledgement, and seen later. Never read: acknowledged, and in no look at all. Phantom: in the tables or once on a
screen, and nobody sent it. A command may be refused and yet be there, if a copy of it was on its way for long: it is
judged afresh whenever it comes, and counted here as late.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from tests.chaos.phones import Answered

KEPT = {"applied", "repeated", "held"}


@dataclass(frozen=True)
class Look:
    """One reading of the console's snapshot: when it began, and which contributions it held."""

    began: float
    ids: frozenset[str]


@dataclass
class Verdict:
    """How many commands came to what, and which of them came to harm."""

    attempted: int = 0
    acknowledged: int = 0
    refused: int = 0
    sent_again: int = 0
    late: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    never_read: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    over_budget: list[tuple] = field(default_factory=list)

    def harm(self) -> dict[str, list]:
        """Whatever should be empty and is not."""
        names = ("lost", "duplicated", "stale", "never_read", "phantom", "gaps", "over_budget")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def counts(self) -> dict[str, int]:
        """Every figure of the verdict; what should be empty is counted."""
        return {each.name: _count(getattr(self, each.name)) for each in fields(self)}


def _count(figure: int | list) -> int:
    return figure if isinstance(figure, int) else len(figure)


def judge(
    answers: list[Answered], looks: list[Look], shown: frozenset[str], others: set[str], database: Path, budget: int
) -> Verdict:
    """Compare what the phones were told with the tables themselves, and with what could be seen meanwhile.

    `shown` is what any screen ever held; `others` are the commands that others than the phones sent.
    """
    kept = [each for each in answers if each.status in KEPT]
    verdict = Verdict(
        attempted=len(answers),
        acknowledged=len(kept),
        refused=len(answers) - len(kept),
        sent_again=sum(each.sent - 1 for each in answers),
    )
    with closing(sqlite3.connect(database)) as db:
        logged = dict(db.execute("SELECT command_id, rev FROM command"))
        late = [replace(each, rev=logged[each.message["id"]]) for each in answers if _is_late(each, logged)]
        verdict.late = len(late)
        _the_log(verdict, db, kept)
        _the_words(verdict, db, [*kept, *late])
        _the_dots(verdict, db, [*kept, *late], budget)
        _the_phantoms(
            verdict, db, [each.message for each in answers], others, shown.union(*(each.ids for each in looks))
        )
    _the_looks(verdict, kept, looks)
    return verdict


def _is_late(each: Answered, logged: dict[str, int]) -> bool:
    return each.status == "refused" and each.message["id"] in logged


def _the_log(verdict: Verdict, db: sqlite3.Connection, kept: list[Answered]) -> None:
    rows = db.execute("SELECT command_id, rev FROM command ORDER BY rev").fetchall()
    revs, times = dict(rows), Counter(command for command, _ in rows)
    verdict.lost += [each.message["id"] for each in kept if revs.get(each.message["id"]) != each.rev]
    verdict.duplicated += [command for command, count in times.items() if count > 1]
    (head,) = db.execute("SELECT rev FROM session").fetchone()
    verdict.gaps += sorted(set(range(1, head + 1)) ^ {rev for _, rev in rows})
    assert len(rows) == head


def _the_words(verdict: Verdict, db: sqlite3.Connection, kept: list[Answered]) -> None:
    """Every contribution stands as the last thing said about it left it, and its words stand once."""
    rows = db.execute(
        "SELECT c.id, c.state, c.share, w.text FROM contribution c LEFT JOIN wording w"
        " ON w.contribution_id = c.id AND w.session_id = c.session_id AND w.current"
    )
    found = {key: tuple(about) for key, *about in rows}
    for key, (gone, share, text) in _about(kept):
        state, has_share, has_text = found.get(key, (None, None, None))
        if gone != (state == "withdrawn") or has_share != share or has_text != (None if gone else text):
            verdict.lost.append(key)
    texts = Counter(text for _, _, text in found.values() if text is not None)
    verdict.duplicated += [text for text, count in texts.items() if count > 1]


def _about(kept: list[Answered]) -> Iterable[tuple[str, tuple[bool, str, str]]]:
    """For each contribution whether it was taken back, its sharing choice and its words, by its author's last word."""
    known: dict[str, tuple[bool, str, str]] = {}
    for each in sorted(kept, key=lambda each: each.rev):
        message, do = each.message, each.message["do"]
        if do == "contribute":
            known[message["id"]] = (False, message.get("share", "local"), message["text"])
        elif message.get("contribution") in known:
            gone, share, text = known[message["contribution"]]
            share = message.get("share", share)
            text = message.get("text", text)
            known[message["contribution"]] = (gone or do == "withdraw", share, text)
    return known.items()


def _the_dots(verdict: Verdict, db: sqlite3.Connection, kept: list[Answered], budget: int) -> None:
    """Each seat's dots are the last it was told it had set, and within its budget where they count."""
    last = {}
    for each in sorted(kept, key=lambda each: each.rev):
        if each.message["do"] == "vote":
            last[each.who, each.message["target"]] = (each.rev, each.message["dots"])
    rows = dict(db.execute("SELECT rev, dots FROM vote"))
    for (_, target), (rev, dots) in last.items():
        if rows.get(rev) != dots:
            verdict.lost.append(target)
    if len(rows) != len(last):
        verdict.duplicated.append("votes")
    verdict.over_budget += db.execute(
        "SELECT v.seat_id, sum(v.dots) FROM vote v"
        " JOIN contribution c ON c.id = v.target AND c.session_id = v.session_id"
        " WHERE c.state IN ('shown', 'hidden') GROUP BY v.seat_id HAVING sum(v.dots) > ?",
        (budget,),
    ).fetchall()


def _the_looks(verdict: Verdict, kept: list[Answered], looks: list[Look]) -> None:
    """Whatever was posted for all to see is in every look that began after its acknowledgement."""
    for each in kept:
        if each.message["do"] != "contribute" or each.message.get("draft"):
            continue
        key = each.message["id"]
        if not any(key in look.ids for look in looks):
            verdict.never_read.append(key)
        elif not all(key in look.ids for look in looks if look.began > each.at):
            verdict.stale.append(key)


def _the_phantoms(
    verdict: Verdict, db: sqlite3.Connection, messages: list[dict], others: set[str], seen: frozenset[str]
) -> None:
    """Nothing stands in the tables, or ever stood on a screen, that was not sent; seats are taken outside the log."""
    sent = others | {each["id"] for each in messages}
    said = {(each.get("contribution", each["id"]), each["text"]) for each in messages if "text" in each}
    logged = {command for (command,) in db.execute("SELECT command_id FROM command WHERE kind != 'join'")}
    kept = {contribution for (contribution,) in db.execute("SELECT id FROM contribution")}
    words = set(db.execute("SELECT contribution_id, text FROM wording"))
    verdict.phantom += [*(logged - sent), *(kept - sent), *(seen - kept), *(key for key, _ in words - said)]
