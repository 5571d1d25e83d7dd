"""The order of a ballot for one seat: each has its own, since what stands first is chosen more often.

The phone's script finds the same order (`mine.js`), so that it can shuffle cards that are the same for everyone.
"""

_START, _STEP = 2166136261, 16777619  # FNV-1a, 32 bits: short in every language, and nothing here is a secret


def place(seat: str, target: str) -> int:
    """Return a number to order targets by: for each seat, known by its mark, another one."""
    number = _START
    for char in (seat + target).encode():
        number = (number ^ char) * _STEP & 0xFFFFFFFF
    return number
