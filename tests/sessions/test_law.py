"""The law of the protocol: snapshot at r + changes from r = snapshot at n, for every command and every view."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.commands import COMMANDS
from tests.room import open_room

VIEWS = ("phone", "console", "screen")


def data(snapshot):
    return msgspec.json.decode(msgspec.json.encode(snapshot.data()))


def patched(before: dict, changes) -> dict:
    """Apply changes to a snapshot's data the way docs/protocol.md tells a client to."""
    wire = msgspec.json.decode(msgspec.json.encode(changes))
    after = {**before, "rev": wire["to"], "turn": wire["turn"], "epoch": wire["epoch"]}
    for key, new in wire["entities"].items():
        if isinstance(new, list):
            known = {each["id"]: each for each in before.get(key, [])}
            for each in new:
                if each["id"] not in known or known[each["id"]]["rev"] <= each["rev"]:
                    known[each["id"]] = each
            after[key] = sorted(known.values(), key=lambda each: each["order"])
        elif isinstance(new, dict):
            after[key] = {**before.get(key, {}), **new}
        else:
            after[key] = new
    after["contributions"] = [each for each in after["contributions"] if each["id"] not in wire["gone"]]
    return after


class Play:
    """A room in which every step is watched in every view."""

    def __init__(self, store, agenda):
        self.room = open_room(store, agenda)
        self.people = [self.room.join(), self.room.join()]
        self.cards: list[str] = []
        self.seen = {}
        self.look()

    def look(self):
        for view in VIEWS:
            for seat in self.people if view == "phone" else [None]:
                now = data(self.room.snapshot(view, seat))
                for rev, before in self.seen.setdefault((view, seat and seat.seat_id), {}).items():
                    assert patched(before, self.room.changes(view, rev, seat)) == now, (view, rev)
                self.seen[view, seat and seat.seat_id][now["rev"]] = now

    def do(self, do, who, card, flag):
        author = self.people[who]
        card = self.cards[card % len(self.cards)] if self.cards else "00000000-0000-4000-8000-000000000000"
        fields = {
            "contribute": {"text": "An idea", "draft": flag, "kind": "action" if flag else "concern"},
            "publish": {"contribution": card},
            "reword": {"contribution": card, "text": "Better words"},
            "withdraw": {"contribution": card},
            "set_sharing": {"contribution": card, "share": "room" if flag else "open"},
            "vote": {"target": card, "dots": int(flag)},
            "hide": {"contribution": card},
            "show": {"contribution": card},
            "go_to_stage": {"stage": "vote" if flag else "reveal"},
            "set_timer": {"seconds": 60},
            "lock_joining": {"locked": flag},
        }.get(do, {})
        if do == "join":
            if len(self.people) < 4:
                self.people.append(self.room.join())
            return
        runs_the_room = do in {"hide", "show", "lock_joining", "set_timer"} or do.endswith("_stage")
        if do == "leave":
            author = self.people[-1]
        result = self.room.send(self.room.facilitator if runs_the_room else author, do, **fields)
        if do == "contribute" and result.status == "applied":
            self.cards.append(result.id)


STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(COMMANDS)), st.integers(0, 1), st.integers(0, 5), st.booleans()), max_size=14
)


@pytest.mark.parametrize("agenda", ["together", "cafe"])
@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_snapshot_and_what_changed_since_make_the_present_snapshot(migrated, tmp_path, agenda, steps):
    import shutil
    import tempfile

    from sessions.store import Store

    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        shutil.copy(migrated, f"{folder}/cafe.db")
        store = Store(f"sqlite:///{folder}/cafe.db")
        play = Play(store, agenda)
        if agenda == "cafe":
            play.room.send(play.room.facilitator, "go_to_stage", stage="post")
        play.do("contribute", 0, 0, True)
        play.do("contribute", 1, 0, False)
        play.look()
        for step in steps:
            play.do(*step)
            play.look()
        store.close()
