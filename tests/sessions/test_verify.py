"""The audits: a café that was played is sound, and each audit alone notices what it is there for."""

import sqlite3
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from sessions import editions, edits, ending, erasures, links, members, refs, tally, trail, world
from sessions.erasures import Erased
from sessions.harvest import releasing
from sessions.permissions import Visitor
from sessions.store import Store, sessions_of
from sessions.verify import AT_START, AUDITS, MOST_TOLD, audit
from tests.room import NOBODYS, Room, open_room, passing_room
from tests.sessions.test_law import STEPS, Play

WORDS = "Ring every new carer in the first week."


class Played:
    """A café in which something of everything happened, and how to break it behind everybody's back."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.room: Room = open_room(store)
        self.other: Room = open_room(store)
        self.seat, self.second = self.room.join(), self.room.join()
        self.ideas = [self.room.post(self.seat, WORDS) for _ in range(5)]
        self.draft = self.room.post(self.seat, WORDS, draft=True)
        self.question = self.room.post(self.second, WORDS, kind="question")
        self.hidden, self.erased = self.room.put("hidden"), self.room.put("erased")
        self.withdrawn = self.room.post(self.second, WORDS)
        for seat, target in ((self.seat, 0), (self.seat, 1), (self.second, 0)):
            self.room.vote(seat, self.ideas[target])
        self.twice = self.room.vote(self.second, self.ideas[1], 1).rev
        self.room.vote(self.second, self.ideas[1], 0)
        self.room.done(self.second, "withdraw", contribution=self.withdrawn)
        self.room.done(self.room.facilitator, "reword", contribution=self.ideas[2], text=WORDS + "!")
        facilitator = self.room.facilitator
        self.step, dropped = (self.room.done(facilitator, "agree_step", what=WORDS).id for _ in range(2))
        self.room.done(facilitator, "check_in", step=self.step, status="done", note=WORDS)
        self.room.done(facilitator, "check_in", step=dropped, status="stopped", note=WORDS)
        self.room.done(facilitator, "revise_step", step=dropped, dropped=True)
        self.stranger = self.other.join()
        self.handed_out = self.room.post(self.seat, WORDS)
        released = [self.room.post(self.seat, WORDS, share="open") for _ in range(2)]
        with self.store.unit_of_work() as db:
            edits.write(db, self.room.cafe.id, self.ref(self.ideas[0]), "text", "Ring sooner.", None)
            editions.hand_out(db, self.room.cafe.id, self.room.guide())
            member = Visitor("unproved", facilitator.organisation_id)
            member, _token = links.let_in(db, links.make(db, "team", member))
            members.introduce(db, member, "Ann", "salt$hash")
            members.enrol(db, member, "seed", "mark", 1)
            trail.note(db, trail.BY_COMMAND, "guide", "docx", [self.room.cafe.id], self.room.session().id)
            releasing.release(db, self.room.cafe, sessions_of(db, self.room.cafe.id))
        self.room.done(self.seat, "withdraw", contribution=self.handed_out)
        self.room.done(self.seat, "withdraw", contribution=released[0])
        self.kept = self.gone()

    def ref(self, thing: str) -> str:
        """How the guide speaks of an idea."""
        with self.store.reading() as db:
            return refs.of_session(db, self.room.session().id)(thing)

    def gone(self) -> frozenset[Erased]:
        with self.store.reading() as db:
            return erasures.gone(db)

    def sql(self, statement: str, *values: object) -> None:
        """Do to the file what no rule would, whatever the database thinks of it."""
        db = sqlite3.connect(self.store.file, isolation_level=None)
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute("PRAGMA ignore_check_constraints=ON")
        assert db.execute(statement, values).rowcount != 0
        db.close()

    def failing(self) -> set[str]:
        """The audits that find something."""
        with self.store.reading() as db:
            return {found.audit.name for found in audit(db, self.kept) if found.wrong}

    def without_votes_key(self) -> None:
        """The votes as a table that lets a seat vote twice on the same."""
        for statement in (
            "CREATE TABLE plain AS SELECT * FROM vote",
            "DROP TABLE vote",
            "ALTER TABLE plain RENAME TO vote",
        ):
            self.sql(statement)


@pytest.fixture
def played(store: Store) -> Played:
    return Played(store)


Break = Callable[[Played], object]


def vote(played: Played, **values: object) -> None:
    row = {"session_id": 1, "seat_id": played.seat.seat_id, "target": played.ideas[4], "dots": 1, "rev": 3} | values
    marks = ", ".join("?" for _ in row)
    played.sql(f"INSERT INTO vote ({', '.join(row)}) VALUES ({marks})", *row.values())


def a_second_vote(played: Played) -> None:
    played.without_votes_key()
    vote(played, target=played.ideas[0], dots=0)


def a_wifi_password_left(played: Played) -> None:
    with played.room.writing() as db:
        ending.end_words(db, played.room.cafe, world.now())
    played.kept = played.gone()
    played.sql("UPDATE cafe SET wifi_password = 'x' WHERE id = ?", played.room.cafe.id)


def a_deleted_cafe(played: Played) -> None:
    played.sql("INSERT INTO deleted_cafe (id, code, at) SELECT id, code, created_at FROM cafe")
    played.kept = played.gone()


BREAKING: dict[str, Break] = {
    "tables": lambda played: played.sql("UPDATE alembic_version SET version_num = '0000'"),
    "file": lambda played: played.sql("UPDATE vote SET dots = -1 WHERE dots = 0"),
    "references": lambda played: played.sql(
        "INSERT INTO credential (fingerprint, role, organisation_id, created_at) VALUES ('x', 'team', 'y', 0)"
    ),
    "revisions": lambda played: played.sql("DELETE FROM command WHERE session_id = 1 AND rev = ?", played.twice),
    "future": lambda played: played.sql("UPDATE seat SET rev = 9999 WHERE id = ?", played.seat.seat_id),
    "commands": lambda played: played.sql("UPDATE seat SET rev = 0 WHERE id = ?", played.seat.seat_id),
    "states": lambda played: played.sql("UPDATE contribution SET share = 'world' WHERE id = ?", played.ideas[0]),
    "openings": lambda played: played.sql("UPDATE opening SET ended_at = NULL, stage = 'vote' WHERE session_id = 1"),
    "seats": lambda played: played.sql(
        "UPDATE contribution SET seat_id = ? WHERE id = ?", played.stranger.seat_id, played.ideas[0]
    ),
    "budgets": lambda played: [vote(played, target=played.ideas[each]) for each in (2, 3)],
    "most": lambda played: vote(played, seat_id=played.second.seat_id, dots=2),
    "targets": lambda played: vote(played, target=played.draft),
    "votes": a_second_vote,
    "ballots": lambda played: played.sql("UPDATE session SET ballot = ?", f'["{played.ideas[0]}", "{NOBODYS}"]'),
    "themes": lambda played: played.sql("UPDATE contribution SET theme = ? WHERE id = ?", NOBODYS, played.ideas[4]),
    "words": lambda played: played.sql("UPDATE wording SET current = 0 WHERE contribution_id = ?", played.hidden),
    "erased words": lambda played: played.sql(
        "INSERT INTO wording (session_id, contribution_id, text, by, current, rev) VALUES (1, ?, 'x', 'author', 1, 3)",
        played.withdrawn,
    ),
    "digests": lambda played: played.sql(
        "UPDATE command SET digest = 'x' WHERE target = ? AND kind = 'contribute'", played.withdrawn
    ),
    "authors": lambda played: played.sql(
        "UPDATE contribution SET seat_id = ? WHERE id = ?", played.seat.seat_id, played.erased
    ),
    "erased ids": lambda played: setattr(played, "kept", played.kept - {Erased(played.room.code, played.withdrawn)}),
    "looks": lambda played: played.sql("UPDATE contribution SET flags = 'name' WHERE id = ?", played.ideas[0]),
    "drafts": lambda played: played.sql("UPDATE cafe SET state = 'closed' WHERE id = ?", played.room.cafe.id),
    "steps": lambda played: played.sql("UPDATE step SET status = 'stopped' WHERE id = ?", played.step),
    "dropped steps": lambda played: played.sql("UPDATE check_in SET note = 'x' WHERE status = 'stopped'"),
    "edits": lambda played: played.sql(
        "UPDATE edit SET words = 'x', made_of = ?", f'["{played.ref(played.withdrawn)}"]'
    ),
    "trail": lambda played: played.sql("UPDATE access SET last_at = '2020-01-01 00:00:00.000000'"),
    "editions": lambda played: played.sql(
        "UPDATE edition SET holds = json_set(holds, '$.' || ?, 'x')", played.ref(played.handed_out)
    ),
    "unlinked": lambda played: played.sql("UPDATE cafe SET unlinked_at = created_at WHERE id = ?", played.room.cafe.id),
    "ended": a_wifi_password_left,
    "deleted": a_deleted_cafe,
    "members": lambda played: played.sql("UPDATE member SET passphrase = NULL"),
    "members' credentials": lambda played: played.sql(
        "UPDATE credential SET role = 'facilitator' WHERE member_id IS NOT NULL AND revoked_at IS NULL"
    ),
    "harvest": lambda played: played.sql("UPDATE entry SET text = 'x' WHERE gone <> ''"),
    "harvest's index": lambda played: played.sql("DELETE FROM harvest_words"),
    "harvest's checks": lambda played: played.sql("UPDATE entry SET checked = 'x' WHERE gone = ''"),
    "spare codes": lambda played: played.sql("INSERT INTO spare_code SELECT 'x', id, NULL FROM member"),
}
BY_CODE = {"tallies"}  # a tally is reckoned, not kept, so only a fault of the code can break it


def test_a_cafe_that_was_played_is_sound(played):
    assert played.failing() == set()


@given(steps=STEPS)
@settings(max_examples=20, deadline=None)
def test_whatever_people_do_leaves_a_sound_database(migrated_store, steps):
    with passing_room(migrated_store) as room:
        play = Play(room)
        for who, draft in ((0, False), (1, False), (0, True)):
            play.do("contribute", who, flag=draft)
        play.cards.append(room.put("held", author=play.people[0], late=True))
        for step in steps:
            play.do(*step)
        with room.reading() as db:
            assert [found.line() for found in audit(db, erasures.gone(db)) if found.wrong] == []


def test_dots_on_an_idea_whose_approval_was_undone_are_no_fault(room):
    idea = room.put("held")
    approved = room.done(room.facilitator, "approve", contribution=idea)
    room.vote(room.join(), idea)
    room.done(room.facilitator, "undo", command=approved.id)
    assert room.cards("console")[idea]["state"] == "held"
    with room.store.reading() as db:
        assert [found.line() for found in audit(db, erasures.gone(db)) if found.wrong] == []


def test_every_audit_is_broken_here_once():
    assert set(BREAKING) | BY_CODE == {each.name for each in AUDITS}


@pytest.mark.parametrize("name", BREAKING)
def test_what_is_broken_is_noticed_by_its_own_audit_alone(played, name):
    BREAKING[name](played)
    assert played.failing() == {name}


def test_a_tally_that_leaves_dots_out_is_noticed(played, monkeypatch):
    right = tally.totals

    def wrong(db, session_id, most):
        return Counter(right(db, session_id, most)) - Counter({played.ideas[0]: 1})

    monkeypatch.setattr(tally, "totals", wrong)
    assert played.failing() == {"tallies"}


THEME = '(session_id, id, title, before, state, "into", created_rev, rev)'


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("targets", "INSERT INTO hands VALUES (1, 'room', ?, 2, 3)"),
        ("targets", "INSERT INTO held_vote VALUES (1, 1, ?, 1, 3)"),
        ("future", f"INSERT INTO theme {THEME} VALUES (1, ?, '', '', 'shown', NULL, 3, 9999)"),
        ("themes", f"INSERT INTO theme {THEME} VALUES (1, ?, '', '', 'dissolved', '{NOBODYS[:-1]}1', 3, 3)"),
    ],
)
def test_hands_held_votes_and_themes_are_looked_at_as_well(played, name, row):
    played.sql(row, NOBODYS)
    assert played.failing() == {name}


def test_dots_that_wait_belong_to_seats_of_their_own_session(played):
    played.sql("INSERT INTO held_vote VALUES (1, ?, ?, 1, 3)", played.stranger.seat_id, played.ideas[0])
    assert played.failing() == {"seats"}


def test_what_was_taken_back_may_lie_in_a_theme_that_has_dissolved(played):
    room, first = played.room, played.ideas[0]
    theme = room.done(room.facilitator, "merge", contributions=played.ideas[:3]).id
    room.done(played.seat, "withdraw", contribution=first)
    room.done(room.facilitator, "merge", contributions=[theme, played.ideas[3]])
    played.kept = played.gone()
    assert played.failing() == set()


@pytest.mark.parametrize("which", ["nothing", "a draft"])
def test_dots_on_nothing_and_on_a_draft_are_noticed(played, which):
    vote(played, target=played.draft if which == "a draft" else NOBODYS)
    assert played.failing() == {"targets"}


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM opening WHERE turn = 2",
        "DELETE FROM opening WHERE turn = 3",
        "DELETE FROM opening",
        "UPDATE opening SET ended_at = NULL WHERE turn = 1",
        "UPDATE opening SET ended_at = opened_at WHERE turn = 3",
        "UPDATE opening SET stage = 'arrive' WHERE turn = 3",
    ],
)
def test_openings_that_do_not_follow_on_are_noticed(staged, change):
    for stage in ("post", "vote"):
        staged.go(stage)
    with staged.store.reading() as db:
        assert not [found for found in audit(db, frozenset()) if found.wrong]
    staged.sql(change)
    with staged.store.reading() as db:
        assert [found.audit.name for found in audit(db, frozenset()) if found.wrong] == ["openings"]


def test_the_first_revision_missing_is_a_gap_too(played):
    played.sql("UPDATE command SET rev = rev + 1000 WHERE session_id = 1 AND rev = 1")
    assert "revisions" in played.failing()


def test_what_is_found_is_told_without_any_words(played):
    played.sql("UPDATE wording SET current = 0")
    with played.store.reading() as db:
        lines = [found.line() for found in audit(db, played.kept)]
    assert len(lines) == len(AUDITS)
    assert not [line for line in lines if WORDS in line or "\n" in line]
    (wrong,) = [line for line in lines if line.startswith("WRONG")]
    assert played.room.code in wrong and played.ideas[0] in wrong


def test_a_long_list_is_cut_and_says_so(played):
    for _ in range(MOST_TOLD + 5):
        played.room.put("shown")
    played.sql("DELETE FROM wording")
    with played.store.reading() as db:
        (wrong,) = [found for found in audit(db, played.kept) if found.wrong]
    assert len(wrong.wrong) > MOST_TOLD
    assert wrong.line().endswith(f"and {len(wrong.wrong) - MOST_TOLD} more")


def test_what_the_database_cannot_answer_has_failed(played):
    played.sql("DROP TABLE wording")
    assert {"words", "erased words"} <= played.failing()


@pytest.mark.parametrize("name", ["file", "revisions"])
def test_the_quick_look_before_serving_notices(played, name):
    with played.store.reading() as db:
        assert not [found for found in audit(db, frozenset(), AT_START) if found.wrong]
    BREAKING[name](played)
    with played.store.reading() as db:
        assert {found.audit.name for found in audit(db, frozenset(), AT_START) if found.wrong} == {name}
