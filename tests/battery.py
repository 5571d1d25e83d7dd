"""The battery: how large its trials are, and the counts they come to.

Every trial runs in two sizes: the short one with all other tests, the long one by `make battery`, which sets
BATTERY=long and prints what was counted. BATTERY_SEED begins the chances elsewhere.
"""

import os

LONG = os.environ.get("BATTERY") == "long"
SEED = int(os.environ.get("BATTERY_SEED", "20261124"))


def sized(short: int, long: int) -> int:
    """Return one of two sizes: the one for this run."""
    return long if LONG else short
