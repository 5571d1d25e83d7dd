"""The law of the protocol: snapshot at r + changes from r = snapshot at n, for every command and every view."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions import changes as told
from sessions.commands import COMMANDS
from sessions.permissions import MAY_SEND, Visitor
from sessions.store import find_session
from tests.mirror import Mirror
from tests.room import NOBODYS, Room, passing_room, plain

# How each command is given about a card, one way or the other; a new command needs a line here and a step in THE_PLAY.
FIELDS = {
    "join": lambda card, flag: {},
    "leave": lambda card, flag: {},
    "contribute": lambda card, flag: {"text": "An idea", "draft": flag, "kind": "concern" if flag else "action"},
    "publish": lambda card, flag: {"contribution": card},
    "reword": lambda card, flag: {"contribution": card, "text": "Better" if flag else "Clearer"},
    "withdraw": lambda card, flag: {"contribution": card},
    "set_sharing": lambda card, flag: {"contribution": card, "share": "room" if flag else "open"},
    "vote": lambda card, flag: {"target": card, "dots": int(flag)},
    "hide": lambda card, flag: {"contribution": card},
    "show": lambda card, flag: {"contribution": card},
    "approve": lambda card, flag: {"contribution": card},
    "erase": lambda card, flag: {"contribution": card},
    "undo": lambda card, flag: {"command": card},
    "go_to_stage": lambda card, flag: {"stage": "close" if flag else "vote"},
    "close_stage": lambda card, flag: {"seconds": 0 if flag else 60},
    "reopen_stage": lambda card, flag: {},
    "set_timer": lambda card, flag: {"seconds": 60, "add": flag},
    "reflect": lambda card, flag: {"answers": {"differently": "More", "room": 4} if flag else {}},
    "lock_joining": lambda card, flag: {"locked": flag},
    "pass": lambda card, flag: {"ready": flag},
    "ready": lambda card, flag: {"ready": flag},
    "merge": lambda card, flag: {
        "contributions": [card, NOBODYS],
        **({"title": "Both", "share": "team"} if flag else {}),
    },
    "split": lambda card, flag: {"contributions": [card]},
    "rename_theme": lambda card, flag: {
        "theme": card,
        "title": "Better" if flag else "",
        **({"share": "open"} if flag else {}),
    },
    "set_ballot": lambda card, flag: {"targets": [card] if flag else None},
    "show_timer": lambda card, flag: {"where": "phones" if flag else "none", "chime": flag},
    "moderate": lambda card, flag: {"approve_first": flag},
    "mute": lambda card, flag: {"contribution": card, "muted": flag},
    "remove": lambda card, flag: {"contribution": card},
    "spotlight": lambda card, flag: {"target": card if flag else None},
    "blank": lambda card, flag: {"blank": flag},
    "agree_step": lambda card, flag: (
        {"target": card if flag else None, "what": "Ring back", "lead": "Ward team"}
        | ({"review_on": "2027-03-01"} if flag else {})
    ),
    "revise_step": lambda card, flag: {"step": card, "dropped": True} if flag else {"step": card, "by_when": "May"},
    "check_in": lambda card, flag: {"step": card, "status": "done" if flag else "under_way", "measure": "Two of nine"},
    "reissue_link": lambda card, flag: {"step": card},
}


def patched(before: dict, wire: dict) -> dict:
    """What a client holds that had a snapshot, and then was told this."""
    mirror = Mirror(before)
    mirror.apply(wire)
    return mirror.data()


class Play:
    """A room in which every view is looked at again and again, and compared with all that was seen before."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.people = [room.join(), room.join()]
        self.cards: list[str] = []
        self.done: set[str] = set()
        self.seen: dict[tuple[str, Visitor | None], dict[int, dict]] = {}

    def look(self) -> None:
        """Keep what every view holds now."""
        for view, seat in self.views():
            now = self.room.data(view, seat)
            self.seen.setdefault((view, seat), {})[now["rev"]] = now

    def views(self):
        return [*(("phone", seat) for seat in self.people), ("phone", None), ("console", None), ("screen", None)]

    def check(self, latest: int = 0) -> None:
        """Compare the latest (or all) of what each view held with what it holds now, by way of what changed since."""
        for (view, seat), snapshots in self.seen.items():
            now = self.room.data(view, seat)
            for rev, before in list(snapshots.items())[-latest:]:
                assert patched(before, plain(self.room.changes(view, rev, seat))) == now, (view, rev)
                if seat is not None:
                    assert self.pushed(before, seat, rev) == now, ("pushed", rev)

    def pushed(self, before: dict, seat: Visitor, rev: int) -> dict:
        """What a phone knows that is told as `fanout` tells it: its own changes first, then everyone's."""
        with self.room.reading() as db:
            session = find_session(db, self.room.code)
            touched = seat.seat_id in told.seats_touched(db, session, rev)
        if touched:
            before = patched(before, plain(self.room.own(seat, rev)))
        for frame in told.in_frames(self.room.changes("phone", rev)):
            before = patched(before, {**plain(frame), "pushed": "from" in plain(frame)})
        return before

    def do(self, do: str, who: int = 0, card: int = 0, flag: bool = False) -> str:
        """Have someone who may send a command send it; return what came of it."""
        chosen = self.cards[card % len(self.cards)] if self.cards else NOBODYS
        offered = [each["command"] for each in self.room.data("console")["undo"]["acts"]]
        if do == "undo" and offered:
            chosen = offered[card % len(offered)]
        if do == "rename_theme":
            chosen = next((each["id"] for each in self.room.data("console")["themes"]), chosen)
        if do in {"revise_step", "check_in", "reissue_link"}:
            chosen = next((each["id"] for each in self.room.data("console")["steps"]), NOBODYS)
        fields = FIELDS[do](chosen, flag)
        if do == "merge" and self.cards:
            fields["contributions"] = [chosen, self.cards[(card + 1) % len(self.cards)]]
        sender = self.sender(do, who)
        if do == "contribute" and sender.role == "facilitator":
            fields |= {"on_behalf": True, "draft": False}
        if sender.role == "newcomer" and not self.room.session().joining_locked:
            self.people.append(self.room.join())
            return self.note(do, "applied")
        result = self.room.send(sender, do, **fields)
        if do == "contribute" and result.status in {"applied", "held"}:
            self.cards.append(result.id)
        return self.note(do, result.status)

    def sender(self, do: str, who: int) -> Visitor:
        roles = MAY_SEND[COMMANDS[do]]
        someone = [*self.people[:2], self.room.facilitator][who]
        stand_ins = {"seat": self.people[0], "facilitator": self.room.facilitator, "newcomer": Visitor("newcomer")}
        return someone if someone.role in roles else stand_ins[min(roles)]

    def note(self, do: str, status: str) -> str:
        if status in {"applied", "held"}:
            self.done.add(do)
        return status


STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(FIELDS)), st.integers(0, 2), st.integers(0, 3), st.booleans()), max_size=10
)


@pytest.mark.parametrize("agenda", ["together", "cafe"])
@given(steps=STEPS)
@settings(max_examples=8, deadline=None)
def test_a_snapshot_and_what_changed_since_make_the_present_snapshot(migrated_store, agenda, steps):
    with passing_room(migrated_store, agenda) as room:
        play = Play(room)
        if agenda == "cafe":
            room.go("post")
        for who, draft in ((0, False), (1, False), (0, True)):
            play.do("contribute", who, flag=draft)
        play.cards.append(room.put("held", author=play.people[0], late=True))
        play.look()
        for step in steps:
            play.do(*step)
            play.look()
        play.check()


# Every command once in a story where it is applied: who, about which card, one way or the other.
THE_PLAY = [
    ("contribute", 0, 0, False),
    ("contribute", 1, 0, False),
    ("contribute", 0, 0, True),
    ("contribute", 2, 0, False),
    ("join", 0, 0, False),
    ("lock_joining", 2, 0, True),
    ("set_timer", 2, 0, True),
    ("publish", 0, 2, False),
    ("reword", 1, 1, True),
    ("reword", 2, 0, True),
    ("set_sharing", 0, 0, True),
    ("go_to_stage", 2, 0, False),
    ("vote", 1, 0, True),
    ("vote", 0, 1, True),
    ("vote", 1, 1, True),
    ("vote", 1, 1, False),
    ("close_stage", 2, 0, True),
    ("reopen_stage", 2, 0, False),
    ("ready", 0, 0, True),
    ("pass", 1, 0, True),
    ("merge", 2, 0, False),
    ("rename_theme", 2, 0, True),
    ("undo", 2, 0, False),
    ("show_timer", 2, 0, True),
    ("split", 2, 0, False),
    ("merge", 2, 0, True),
    ("vote", 0, 0, True),
    ("spotlight", 2, 0, True),
    ("blank", 2, 0, True),
    ("hide", 2, 0, False),
    ("go_to_stage", 2, 0, True),
    ("reflect", 0, 0, True),
    ("show", 2, 0, False),
    ("set_ballot", 2, 0, False),
    ("moderate", 2, 0, True),
    ("mute", 2, 0, True),
    ("mute", 2, 0, False),
    ("moderate", 2, 0, False),
    ("agree_step", 2, 0, True),
    ("check_in", 2, 0, False),
    ("reissue_link", 2, 0, False),
    ("revise_step", 2, 0, False),
    ("agree_step", 2, 0, False),
    ("undo", 2, 0, False),
    ("revise_step", 2, 0, True),
    ("hide", 2, 1, False),
    ("undo", 2, 0, False),
    ("erase", 2, 3, False),
    ("remove", 2, 1, False),
    ("withdraw", 1, 1, False),
    ("withdraw", 0, 2, False),
    ("leave", 0, 0, False),
    ("withdraw", 0, 0, False),
]


def test_the_law_holds_after_every_step_of_a_play_with_every_command(migrated_store):
    with passing_room(migrated_store, "cafe") as room:
        play = Play(room)
        room.go("post")
        play.look()
        held = room.put("held", author=play.people[1], late=True)
        play.look()
        room.done(room.facilitator, "approve", contribution=held)
        play.note("approve", "applied")
        play.look()
        for step in THE_PLAY:
            assert play.do(*step) == "applied", step
            play.look()
            play.check(latest=2)
        assert play.done == set(COMMANDS) == set(FIELDS)
        play.check()


def test_the_law_holds_after_every_step_where_dots_are_seen_at_once(migrated_store):
    with passing_room(migrated_store, "together") as room:
        play = Play(room)
        for step in THE_PLAY:
            assert step[0] == "go_to_stage" or play.do(*step) == "applied", step
            play.look()
            play.check(latest=2)
        play.check()


@pytest.mark.parametrize("agenda", ["together", "cafe"])
def test_the_law_holds_for_words_that_leave_the_board_and_come_back(migrated_store, agenda):
    with passing_room(migrated_store, agenda) as room:
        if agenda == "cafe":
            room.go("post")
        play = Play(room)
        author, reader = play.people[:2]
        for text in ("Ring first", "Sit down first"):
            play.cards.append(room.post(author, text))
            play.look()
        room.send(reader, "vote", target=play.cards[0], dots=1)
        play.look()
        for sender, does, fields in (
            (author, "reword", {"text": "Ask Mrs Jones"}),
            (author, "reword", {"text": "Ask her"}),
            (author, "reword", {"text": "Ask Mr Jones"}),
            (room.facilitator, "reword", {"text": "Ask him"}),
            (room.facilitator, "approve", {}),
            (author, "reword", {"text": "Ask Mr Jones, 07700 900123"}),
            (room.facilitator, "hide", {}),
            (author, "reword", {"text": "Ask anyone"}),
        ):
            assert room.send(sender, does, contribution=play.cards[0], **fields).status in {"applied", "held"}
            play.look()
            play.check(latest=2)
        play.check()


def test_the_law_holds_for_what_only_a_restore_brings_about(migrated_store):
    with passing_room(migrated_store) as room:
        play = Play(room)
        author = play.people[0]
        play.look()
        for state in ("draft", "held", "hidden", "withdrawn", "erased", "shown"):
            room.put(state, author=author)
            play.look()
        play.check()


def test_the_law_holds_across_the_closing_of_the_cafe(migrated_store):
    with passing_room(migrated_store) as room:
        play = Play(room)
        for draft in (True, False, True):
            play.do("contribute", flag=draft)
            play.look()
        play.room.close()
        play.check()


def test_changes_since_nought_are_the_whole_state(migrated_store):
    with passing_room(migrated_store) as room:
        play = Play(room)
        play.do("contribute", flag=True)
        play.do("vote", card=0, flag=True)
        for view, seat in play.views():
            whole, everything = plain(room.changes(view, 0, seat)), room.data(view, seat)
            facts = {name: everything[name] for name in ("epoch", "rev", "turn")}
            assert {**whole["entities"], **facts, "protocol": everything["protocol"]} == everything
            assert (whole["epoch"], whole["to"], whole["turn"]) == tuple(facts.values())
