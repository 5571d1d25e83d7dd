"""Malformed packets of Socket.IO and Engine.IO, frames that break WebSocket's rules, and bodies for long-polling."""

import json
import random

from tests.hostile.asking import Place
from tests.hostile.line import frame
from tests.hostile.oddities import RAW_JSON, any_batch, any_json, any_text

EVENTS = (
    "watch",
    "commands",
    "connect",
    "disconnect",
    "message",
    "head",
    "changes",
    "__class__",
    "",
    "gone",
    "*",
    "a" * 999,
)
NUMBERS = ("", "", "1", "0", "007", "-1", "9" * 99, "9" * 101, "9" * 5000, "٣", "1e5", "1-", "0-", "99999-", "1-1-")
ENGINE = (
    "0",
    "0{}",
    "1",
    "2",
    "2probe",
    "3",
    "3probe",
    "5",
    "6",
    "7",
    "9",
    "",
    "x",
    "4",
    "b",
    "bAAAA",
    "b!!",
    "40",
    "41",
    "2" * 999,
)

CLOSES = (
    b"", b"\x03", b"\x03\xe8bye", b"\0\0", b"\xff\xff", b"\x03\xed", b"\x03\xe8\xff\xfe", b"\x03\xe8" + b"r" * 200,
)  # fmt: skip


def packet(dice: random.Random, place: Place) -> str:
    """A packet: an event with anything for its arguments, or one that nobody should send."""
    roll = dice.random()
    if roll < 0.3:
        return f'42{dice.choice(["", "1", "7"])}["commands",{any_batch(dice)}]'
    if roll < 0.45:
        return f'42{dice.choice(["", "2"])}["watch",{watching(dice, place)}]'
    if roll < 0.6:
        name = dice.choice([json.dumps(dice.choice(EVENTS)), any_json(dice)])
        return f"42{dice.choice(NUMBERS)}[{','.join([name, *(any_json(dice) for _ in range(dice.randrange(3)))])}]"
    if roll < 0.85:
        kind, where = (
            dice.choice("0123456789"),
            dice.choice(["", "", "/,", "/admin,", "/../,", "/" + "n" * 999 + ",", "/?a=b,", "/,/,"]),
        )
        return f"4{kind}{where}{dice.choice(NUMBERS)}{dice.choice([any_json(dice), '', any_text(dice)])}"
    return dice.choice([*ENGINE, any_text(dice), "4" + any_text(dice), "42" + any_json(dice), "4" + "2" * 300 + "[]"])


def watching(dice: random.Random, place: Place) -> str:
    """What `watch` is asked with: mostly a session and a view, with something odd in it."""
    asked: dict[str, object] = {
        "session": place.party(dice).code,
        "view": dice.choice(["phone", "console", "screen"]),
    }
    asked |= {"since": dice.choice([0, 1, -1, 10**30, 1.5]), "as": dice.choice(["data", "", None])}
    wire = json.dumps(asked)
    roll = dice.random()
    if roll < 0.4:
        return wire
    if roll < 0.7:
        name = dice.choice([*asked, "epoch"])
        return wire[:-1] + f', "{name}": {dice.choice([*RAW_JSON, any_json(dice)])}' + "}"
    return any_json(dice)


def opening(dice: random.Random, place: Place) -> str:
    """How a socket says who it is: as it should, mostly."""
    party = place.party(dice)
    token = dice.choice([party.seat, party.seat, party.staff])
    return dice.choice(
        ['40{"token":"' + token + '"}'] * 4 + ["40", '40{"token":1}', "40" + any_json(dice), '40/x,{"token":"x"}', ""]
    )


def frames(dice: random.Random, place: Place) -> bytes:
    """Some bytes on a WebSocket: frames against the rules, or the right frames in the wrong order."""
    text = packet(dice, place).encode("utf-8", "surrogatepass")
    small = text[:100]
    return dice.choice(
        [
            lambda: frame(1, text),
            lambda: frame(2, dice.randbytes(dice.choice([0, 1, 90, 3000]))),
            lambda: frame(dice.choice([3, 4, 5, 6, 7, 11, 12, 15]), small),
            lambda: frame(1, text, odd=dice.randrange(1, 8)),
            lambda: frame(1, text, masked=False),
            lambda: frame(1, b"\xff\xfe" + dice.randbytes(9)),
            lambda: frame(1, b"\xed\xa0\x80"),
            lambda: frame(0, small),
            lambda: frame(1, small, last=False) + frame(1, small),
            lambda: frame(1, small[:2], last=False) + frame(9, b"x") + frame(0, small[2:]),
            lambda: frame(1, b"", last=False) * dice.choice([1, 300]),
            lambda: frame(1, b"4", last=False) + frame(0, b"2", last=False) * 500,
            lambda: frame(1, b"4" + b"x" * dice.choice([65_534, 65_535, 65_536, 200_000])),
            lambda: frame(1, b"42", last=False) + frame(0, b"x" * 60_000, last=False) * 3,
            lambda: frame(1, small, says=2 ** dice.choice([16, 31, 40, 62, 63])),
            lambda: frame(9, b"p" * dice.choice([0, 125, 126, 300])),
            lambda: frame(9, b"p") * dice.choice([10, 200]),
            lambda: frame(9, b"p", last=False),
            lambda: frame(10, b"never asked"),
            lambda: frame(8, dice.choice(CLOSES)),
            lambda: frame(8, b"\x03\xe8") + frame(1, text),
            lambda: frame(1, text)[: dice.randrange(1, 7)],
            lambda: dice.randbytes(dice.choice([1, 2, 14, 500])),
            lambda: b"GET / HTTP/1.1\r\n\r\n",
        ]
    )()  # fmt: skip


def polled(dice: random.Random, place: Place) -> bytes:
    """The body of a long-polling POST: one packet or several, odd ones."""
    many = dice.choice([1, 1, 2, 16, 17, 300])
    packets = [packet(dice, place) if many < 20 else dice.choice(ENGINE) for _ in range(many)]
    body = dice.choice(["\x1e", "\x1e", "\x1e\x1e", "\n"]).join(packets).encode("utf-8", "surrogatepass")
    return dice.choice([body, body, body, b"d=" + body, dice.randbytes(50), b"4" + b"x" * 66_000, b"", b"\x1e" * 40])
