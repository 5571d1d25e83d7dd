"""Text that may identify someone: what in it does, and of which kind.

This can only warn, never guarantee: a rare story says who someone is without a name, and no list knows every name.
The patterns are data (`guard/rules.toml`), which phones get as they are; only the check digit is written twice, here
and in `guard.js`. What is done about a finding is the rules' (`rules.contributions`), how it is said the web face's.
"""

import functools
import re
import tomllib
from importlib import resources

import msgspec

_PIECE = re.compile(r"~(\w+)~")


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What text may identify someone by: its id, what it is called, and what one could write instead."""

    id: str
    words: str
    suggestion: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One pattern for a kind; with `check_digit`, what it finds counts only as a valid NHS number."""

    kind: str
    pattern: str
    any_case: bool = False
    check_digit: bool = False


class Guard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All kinds and rules, and the pieces that patterns share (`~name~`)."""

    pieces: dict[str, str]
    kinds: tuple[Kind, ...]
    rules: tuple[Rule, ...]


class Finding(msgspec.Struct, frozen=True):
    """Something in a text that may identify someone, and where it stands."""

    kind: str
    start: int
    end: int


@functools.cache
def guard() -> Guard:
    """Return the kinds and rules that come with this package, read once."""
    file = resources.files("sessions").joinpath("guard", "rules.toml")
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Guard)


def findings(text: str) -> tuple[Finding, ...]:
    """Return what in a text may identify someone, in the order it is read."""
    found = {
        Finding(rule.kind, match.start(), match.end())
        for rule, pattern in _compiled()
        for match in pattern.finditer(text)
        if not rule.check_digit or is_nhs_number(match[0])
    }
    return tuple(sorted(found, key=lambda each: (each.start, each.end, each.kind)))


def flags(text: str) -> str:
    """Return the kinds a text may identify someone by, in the order of the list, joined by commas; empty for none."""
    found = {each.kind for each in findings(text)}
    return ",".join(kind.id for kind in guard().kinds if kind.id in found)


def lines() -> str:
    """Return pieces and rules as a phone reads them, a line each: what for, how meant, and the pattern.

    How meant is `n` with a check digit, `i` for any case, `-` as it stands; a piece's line is for `~piece~`.
    """
    pieces = [f"~{name}~ - {pattern}" for name, pattern in guard().pieces.items()]
    rules = [
        f"{rule.kind} {'n' if rule.check_digit else 'i' if rule.any_case else '-'} {rule.pattern}"
        for rule in guard().rules
    ]
    return "\n".join((*pieces, *rules))


def is_nhs_number(text: str) -> bool:
    """Say whether ten digits end in the check digit of an NHS number (modulus 11)."""
    digits = [int(char) for char in text if char.isdigit()]
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return len(digits) == 10 and digits[9] == check % 11 and len(set(digits)) > 1


@functools.cache
def _compiled() -> tuple[tuple[Rule, re.Pattern[str]], ...]:
    pieces = guard().pieces
    return tuple(
        (
            rule,
            re.compile(
                _PIECE.sub(lambda piece: pieces[piece[1]], rule.pattern),
                re.ASCII | (re.IGNORECASE if rule.any_case else re.NOFLAG),
            ),
        )
        for rule in guard().rules
    )
