"""What the project team does with an entry at the desk, and the one note that is made of every act there.

The log of those notes, and taking one back, is `deeds`; saying that entries say the same is `grouping`, the look of a
second person `checking`.
"""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection, insert

from sessions import world
from sessions.harvest.models import Deed
from sessions.permissions import Visitor

DeedKind = Literal[
    "arrived", "updated", "removed", "withdrawn", "shortlisted", "put_aside", "put_back", "picked", "tagged",
    "untagged", "worded", "grouped", "checked", "sent_back", "undone", "published",
]  # fmt: skip


def note(
    db: Connection,
    visitor: Visitor | None,
    kind: DeedKind,
    *,
    entry: int | None = None,
    source: str | None = None,
    alike: str | None = None,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
) -> int:
    """Note that something was done at the desk, and return the deed's id; nobody did it who is no visitor.

    `before` and `after` hold ids, states and numbers, and never any words.
    """
    row = {
        "at": world.now(),
        "member_id": visitor.member_id if visitor else None,
        "kind": kind,
        "source_id": source,
        "entry_id": entry,
        "alike": alike,
        "before": dict(before or {}),
        "after": dict(after or {}),
    }
    return db.execute(insert(Deed).values(row).returning(Deed.id)).scalar_one()
