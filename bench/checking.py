"""Whether anything was lost, came twice or differs: what each phone heard, played back as patch.js would apply it."""

import re
from collections import Counter
from dataclasses import dataclass

from bench.phone import Phone
from bench.serving import Json
from bench.talking import Talk


@dataclass
class Faults:
    """How often something was not as it must be; all of them are to be 0."""

    refused: int = 0
    unanswered: int = 0
    cut: int = 0
    gaps: int = 0
    lost: int = 0
    twice: int = 0
    other_tally: int = 0
    other_choice: int = 0
    other_words: int = 0


def check(talk: Talk, snapshot: Json) -> Faults:
    """Compare what every phone heard with what was sent and with the database as `cafe snapshot` tells it."""
    faults = Faults()
    sent = [each for phone in talk.phones for each in phone.sent]
    faults.unanswered = sum(not each.answered for each in sent)
    faults.refused = sum(each.answer["results"][0]["status"] != "applied" for each in sent if each.answered)
    posted = {each.command["id"]: each.command["text"] for each in sent if each.command["do"] == "contribute"}
    kept = {each["id"]: each["text"] for each in snapshot["contributions"]}
    faults.other_words = len(set(posted.items()) ^ set(kept.items()))
    rows = Counter(target for phone in talk.phones for target in phone.chosen)
    faults.other_tally = sum(snapshot["votes"]["tally"].get(target, 0) != rows[target] for target in posted)
    for phone in talk.phones:
        _check(phone, posted, rows, faults)
    return faults


def _check(phone: Phone, posted: dict[str, str], rows: Counter[str], faults: Faults) -> None:
    head, own = phone.seat.rev, ""
    seen: Counter[str] = Counter()
    tally: Counter[str] = Counter()
    for _, number in phone.heard:
        frame = phone.room.frames[number]
        if "from" in frame:
            faults.gaps += not frame["from"] <= head < frame["to"]
            head = frame["to"]
        for patch in frame["patches"]:
            kind, _, target = patch["target"].partition("-")
            if kind in {"contribution", "tally"}:
                seen[target] += kind == "contribution"
                tally[target] = _dots(patch["html"])
            elif patch["target"] == "my-budget":
                own = patch["html"]
    faults.cut += phone.cut
    faults.lost += sum(seen[target] == 0 for target in posted)
    faults.twice += sum(times - 1 for times in seen.values() if times > 1)
    faults.other_tally += sum(tally[target] != rows[target] for target in posted)
    faults.other_choice += set(re.findall('data-target="([^"]+)"', own)) != set(phone.chosen)


def _dots(html: str) -> int:
    """Return the number in a card's or a tally's own words: "3 dots", or nothing at all for none."""
    found = re.search(r">(\d+) dots?<", html)
    return int(found[1]) if found else 0
