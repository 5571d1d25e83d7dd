"""Texts, JSON and commands that nobody expects, as the dice fall: what every kind of attack is made of."""

import json
import random
import uuid

from sessions.commands import COMMANDS

TEXTS = (
    "", " ", "0", "-1", "NaN", "null", "true", "[]", "{}", "\x00", "a\x00b", "\ud800", "\udfff\ud800",
    "\ufffe", "\ufeff",
    "\u202eabc", "\u2066", "é" * 40, "e\u0301" * 9, "\u0e2a" + "\u0e47" * 60, "👨‍👩‍👧‍👦" * 12,
    "\u2028\u2029", "\r\n\r\n", "\x1b[31m",
    "{{7*7}}", "${7*7}", "#{7*7}", "%s%n", "%(limit)s", "{0.__class__}", "=1+1", "../../etc/passwd", "..\\..\\x",
    "'; DROP TABLE session; --", "' OR 1=1 --", "<script>alert(1)</script>", "&#0;", "%00", "%ED%A0%80", "%c0%af",
    "constructor", "__proto__", "__class__", "x" * 41, "x" * 201, "x" * 2001,
    "9" * 400, "1e999", "0x10", "٣", "１", "1_0",
    "2026-13-45", "0000-00-00", "00000000-0000-4000-8000-000000000000", "AAAAAA",
    "javascript:alert(1)",
)  # fmt: skip

RAW_JSON = (
    "NaN", "-Infinity", "1e999", "-0", "1E400", "9" * 100, "9" * 5000, "0." + "1" * 3000,
    '"\\ud800"', '"\\u0000"', '"\\udc00\\ud800"',
    "[" * 3000 + "]" * 3000, '{"a":' * 2000 + "1" + "}" * 2000, "[" * 9000, '{"a":1,"a":2}', '{"":""}', "[,]",
    "{", "'x'", "01",
    '"\x01"', "tru", "nul", '"\\x41"', "\ufeff{}", "{}{}", "/* */ 1", '{"__proto__":{"x":1}}',
    '{"_placeholder":true,"num":0}',
    '{"_placeholder":true,"num":-1}', '{"_placeholder":1e9,"num":"x"}',
)  # fmt: skip


def any_text(dice: random.Random) -> str:
    """A text from the list, or a few characters from anywhere."""
    if dice.random() < 0.7:
        return dice.choice(TEXTS)
    return "".join(chr(dice.randrange(0x11000)) for _ in range(dice.randrange(12)))


def any_value(dice: random.Random, depth: int = 0) -> object:
    """A value that JSON can hold, of any kind."""
    kind = dice.randrange(8 if depth < 3 else 5)
    match kind:
        case 0:
            return dice.choice([None, True, False])
        case 1:
            return dice.choice([0, 1, -1, 2**31, 2**63, -(2**70), 0.5, 1e308])
        case 5:
            return [any_value(dice, depth + 1) for _ in range(dice.randrange(4))]
        case 6 | 7:
            return {any_text(dice): any_value(dice, depth + 1) for _ in range(dice.randrange(4))}
        case _:
            return any_text(dice)


def any_json(dice: random.Random) -> str:
    """JSON of any kind: most of it good, some of it not JSON at all, some broken off."""
    if dice.random() < 0.3:
        return dice.choice(RAW_JSON)
    made = json.dumps(any_value(dice), ensure_ascii=dice.random() < 0.8)
    return made if dice.random() < 0.8 else made[: dice.randrange(len(made) + 1)]


def any_command(dice: random.Random) -> dict[str, object]:
    """A command with a good id, mostly known, whose fields are anything."""
    do = dice.choice([*COMMANDS, "dance", ""])
    known = COMMANDS[do].__struct_fields__ if do in COMMANDS else ()
    fields = {name: any_value(dice) for name in known if name != "id" and dice.random() < 0.6}
    made: dict[str, object] = {"id": str(uuid.UUID(int=dice.getrandbits(128), version=4)), "do": do, **fields}
    if dice.random() < 0.2:
        made[any_text(dice)] = any_value(dice)
    if dice.random() < 0.1:
        made["id"] = any_value(dice)
    return made


def any_batch(dice: random.Random) -> str:
    """A body of commands, or something in its place."""
    roll = dice.random()
    if roll < 0.25:
        return any_json(dice)
    if roll < 0.35:
        return '{"commands": ' + any_json(dice) + "}"
    wire = json.dumps({"commands": [any_command(dice) for _ in range(dice.choice([1, 1, 2, 20, 21]))]})
    if roll < 0.5:
        return wire.replace('"do":', f'"turn": {dice.choice(RAW_JSON)}, "do": "hide", "do":', 1)
    return wire
