"""The life of the data: each thing goes on its day and not before, whoever was away; what stays, stays whole."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
import time_machine

from sessions import (
    backup,
    cafes,
    edits,
    ending,
    erasures,
    evidence,
    lifetime,
    links,
    people,
    plans,
    retention,
    trail,
    world,
)
from sessions import editions as edition
from sessions.commands import Mistaken
from sessions.restore import restore
from sessions.store import Store
from sessions.verify import audit
from tests.room import Room, open_room, plain
from tests.sessions.test_law import patched

HELD = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MARKER = "Zanzibarmarmalade"


class Told:
    """A café in which everything that takes words has some, closed at noon, and a clock to turn."""

    def __init__(self, store: Store, clock) -> None:
        self.clock, self.store = clock, store
        self.room = room = open_room(store, held_on=HELD.date(), contact=MARKER, wifi_password=MARKER, support=MARKER)
        self.seats = [room.join(here_as="nursing") for _ in range(5)]
        one, two, *_ = self.seats
        self.ideas = [room.post(seat, f"{MARKER} {number}") for number, seat in enumerate((one, one, two, two))]
        for seat, idea in ((one, 2), (two, 0), (self.seats[2], 0), (self.seats[3], 1)):
            room.vote(seat, self.ideas[idea])
        room.done(one, "reflect", answers={"differently": MARKER, "first": MARKER, "room": 4})
        room.done(two, "reflect", answers={"differently": "Ring first", "first": "", "room": 5})
        host = room.facilitator
        room.done(host, "mute", contribution=self.ideas[0], muted=True)
        room.done(host, "merge", contributions=self.ideas[:2], title=MARKER)
        room.done(host, "reword", contribution=self.ideas[2], text=f"{MARKER} reworded")
        room.done(host, "spotlight", target=self.ideas[2])
        self.step = room.done(host, "agree_step", what="Ring every carer", lead="Ward sister").id
        with store.unit_of_work() as db:
            evidence.put(db, room.session(), evidence.Said(kind="text", title=MARKER, text=MARKER), None, host)
            cafes.word_invitation(db, room.cafe, MARKER)
            edits.write(db, room.cafe.id, "guide", "introduction", MARKER, None)
            edition.hand_out(db, room.cafe.id, room.guide())
            self.token = people.give_credential(db, one)
            self.link = links.make(db, "facilitator", host)
        clock.shift(timedelta(hours=2))
        room.close()

    @property
    def cafe(self):
        with self.store.reading() as db:
            return cafes.cafe_of(db, self.room.cafe.organisation_id, self.room.cafe.id)

    def night(self) -> set[str]:
        """What the daily look has go now."""
        gone = set()
        with self.store.unit_of_work() as db:
            for due in retention.due(db, world.now().date()):
                retention.carry_out(db, due, world.now())
                gone.add(due.what)
            retention.clear_traces(db, world.now())
            retention.note_cleared(db, world.now())
        return gone

    def wrong(self) -> list[str]:
        with self.store.reading() as db:
            kept = erasures.read(erasures.path_of(self.store.file))
            return [found.line() for found in audit(db, kept) if found.wrong]

    def files_with(self, word: str) -> set[str]:
        """The files beside the database in which a word can be read, in either form."""
        forms = [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")]
        return {
            path.name
            for path in self.store.file.parent.iterdir()
            if path.is_file() and any(form in path.read_bytes() for form in forms)
        }


@pytest.fixture
def told(store):
    with time_machine.travel(HELD, tick=False) as clock:
        yield Told(store, clock)


def test_a_year_passes_and_each_thing_goes_on_its_day(told):
    went: dict[date, set[str]] = {}
    for _day in range(500):
        if gone := told.night():
            went[world.now().date()] = gone
        told.clock.shift(timedelta(days=1))
    review = date(2027, 1, 19) + lifetime.AFTER_REVIEW
    assert review < date(2027, 11, 24)
    assert went == {date(2026, 12, 24): {"authors"}, date(2027, 11, 24): {"words"}}
    assert told.wrong() == []


def test_nothing_goes_a_day_early_and_days_missed_are_made_up_for(told):
    told.clock.shift(timedelta(days=29))
    assert told.night() == set()
    told.clock.shift(timedelta(days=3))
    assert told.night() == {"authors"}
    assert told.night() == set()
    told.clock.shift(timedelta(days=400))
    assert told.night() == {"words"}
    assert told.night() == set()
    assert told.wrong() == []


def test_who_slept_a_whole_year_wakes_to_words_gone_and_authors_with_them(told):
    told.clock.shift(timedelta(days=400))
    assert told.night() == {"words"}
    assert told.cafe.unlinked_at == told.cafe.words_gone_at == world.now()
    assert told.wrong() == []


def test_what_was_told_ahead_is_what_happens(told):
    with told.store.reading() as db:
        ahead = [(due.on, due.what) for due in retention.ahead(db)]
    assert ahead == [(date(2026, 12, 24), "authors"), (date(2027, 11, 24), "words")]


# Authors


def test_after_thirty_days_nothing_says_who_wrote_what(told):
    before = {view: told.room.data(view) for view in ("console", "screen", "phone")}
    guide = told.room.guide()
    told.clock.shift(timedelta(days=30))
    told.night()
    room = told.room
    assert room.sql("SELECT count(*) FROM contribution WHERE seat_id IS NOT NULL") == [(0,)]
    assert room.sql("SELECT count(*) FROM command WHERE actor LIKE 'seat:%'") == [(0,)]
    assert room.sql("SELECT count(*) FROM command WHERE kind IN ('join', 'reflect') AND target IS NOT NULL") == [(0,)]
    assert room.sql("SELECT count(DISTINCT rev) FROM seat") == [(1,)], "no revision leads from a seat to its words"
    for view, data in before.items():
        after = room.data(view)
        for never in ("rev", "undo"):
            data.pop(never, None), after.pop(never, None)
        assert after == data, view
    assert msgspec.structs.replace(room.guide(), made_on=guide.made_on) == guide


def test_dots_answers_and_what_people_are_here_as_lie_with_seats_that_have_nothing_else_in_common(told, monkeypatch):
    monkeypatch.setattr(world, "shuffled", lambda things: [*things[1:], *things[:1]])
    asked = "SELECT seat_id, target FROM vote WHERE dots > 0 ORDER BY seat_id, target"
    votes, answers = told.room.sql(asked), told.room.sql("SELECT seat_id, differently FROM reflection")
    told.clock.shift(timedelta(days=30))
    told.night()
    ids = [seat.seat_id for seat in told.seats]
    moved = dict(zip(ids, [*ids[1:], *ids[:1]], strict=True))
    assert told.room.sql(asked) == sorted((moved[seat], target) for seat, target in votes)
    assert told.room.sql("SELECT seat_id, differently FROM reflection") == answers
    assert told.wrong() == []


def test_a_seat_lets_nobody_in_any_more(told):
    told.clock.shift(timedelta(days=30))
    told.night()
    with told.store.reading() as db:
        assert people.who_holds(db, told.token) is None


def test_a_facilitator_can_still_remove_what_must_go_and_nobody_is_muted_by_it(told):
    told.clock.shift(timedelta(days=30))
    told.night()
    assert told.room.refused(told.room.facilitator, "mute", contribution=told.ideas[2]) is not None
    told.room.done(told.room.facilitator, "erase", contribution=told.ideas[2])
    assert told.wrong() == []


# Words


def test_on_their_day_the_words_are_in_no_file_any_more_and_steps_stay(told):
    assert told.files_with(MARKER)
    told.clock.shift(timedelta(days=366))
    told.night()
    assert told.files_with(MARKER) == set()
    room = told.room
    assert [step["what"] for step in room.data("console")["steps"]] == ["Ring every carer"]
    assert room.data("screen")["contributions"] == room.data("screen")["themes"] == []
    assert {card["state"] for card in room.data("console")["contributions"]} == {"erased"}
    assert [step.what for chapter in room.guide().chapters for step in chapter.steps] == ["Ring every carer"]
    with told.store.reading() as db:
        assert len(edition.listed(db, room.cafe.id)) == 1
    assert (told.cafe.contact, told.cafe.support, told.cafe.wifi_password, told.cafe.invitation) == ("", "", "", "")
    assert told.cafe.title


@pytest.mark.parametrize("view", ["console", "screen", "phone"])
@pytest.mark.parametrize("days", [30, 366])
def test_whoever_watched_hears_of_it_as_if_they_had_come_anew(told, view, days):
    """The law: snapshot before + changes since = snapshot after."""
    before, rev = told.room.data(view), told.room.session().rev
    told.clock.shift(timedelta(days=days))
    told.night()
    assert patched(before, plain(told.room.changes(view, rev))) == told.room.data(view)


def test_a_cafe_that_was_never_closed_is_closed_then(store):
    with time_machine.travel(HELD, tick=False) as clock:
        room = open_room(store, held_on=HELD.date())
        seat = room.join()
        room.post(seat, MARKER, draft=True)
        clock.shift(timedelta(days=366))
        with store.unit_of_work() as db:
            (due,) = retention.due(db, world.now().date())
            retention.carry_out(db, due, world.now())
        with store.reading() as db:
            assert not [found.line() for found in audit(db, erasures.gone(db)) if found.wrong]
        assert room.session().cafe_state == "closed"
        assert room.sql("SELECT count(*) FROM wording") == [(0,)]


def test_a_step_that_is_followed_up_keeps_the_words_three_months_longer(told):
    told.clock.shift(timedelta(days=350))
    told.room.done(told.room.facilitator, "revise_step", step=told.step, review_on="2028-01-10")
    with told.store.reading() as db:
        assert lifetime.of(db, told.cafe).words == date(2028, 1, 10) + lifetime.AFTER_REVIEW
    assert told.room.guide().delete_by == date(2028, 1, 10) + lifetime.AFTER_REVIEW
    told.night()
    told.clock.shift(timedelta(days=100))
    assert told.night() == set()


def test_a_cafe_told_of_long_afterwards_does_not_lose_its_words_the_next_night(store):
    with time_machine.travel(HELD, tick=False):
        room = open_room(store, held_on=date(2024, 1, 1))
        with store.reading() as db:
            assert lifetime.of(db, room.cafe).words == HELD.date() + lifetime.WORDS


# A day of one's own


def choose(told, day: str) -> None:
    with told.store.unit_of_work() as db:
        parts = dict(zip(("year", "month", "day"), day.split("-"), strict=False)) if day else {}
        lifetime.choose(db, told.cafe, {f"keep_until-{part}": typed for part, typed in parts.items()})


def test_the_day_can_be_chosen_and_given_back(told):
    choose(told, "2027-01-15")
    assert told.room.guide().delete_by == date(2027, 1, 15)
    choose(told, "")
    assert told.room.guide().delete_by == date(2027, 11, 24)
    choose(told, "2026-12-02")
    told.clock.move_to(datetime(2026, 12, 2, 0, 1, tzinfo=UTC))
    assert told.night() == {"words"}
    with pytest.raises(Mistaken):
        choose(told, "2027-03-01")


@pytest.mark.parametrize("day", ["2026-11-30", "2029-11-26", "soon", "2027-02-30", "0001-01-01"])
def test_a_day_outside_the_bounds_is_not_taken(told, day):
    with pytest.raises(Mistaken) as no:
        choose(told, day)
    assert list(no.value.fields) == ["keep_until"]
    assert told.cafe.keep_until is None


@pytest.mark.parametrize("day", ["2026-12-01", "2029-11-24"])
def test_the_first_and_the_last_day_are_taken(told, day):
    choose(told, day)
    assert told.cafe.keep_until == date.fromisoformat(day)


# Traces


def test_links_and_credentials_go_a_year_after_they_ceased_to_open_anything(told):
    def left():
        return told.room.sql("SELECT (SELECT count(*) FROM credential), (SELECT count(*) FROM link)")

    with told.store.unit_of_work() as db:
        people.revoke(db, told.token)
    whole = left()
    told.clock.shift(timedelta(days=364))
    told.night()
    assert left() == whole
    told.clock.shift(timedelta(days=3))
    told.night()
    assert left() < whole
    with told.store.reading() as db:
        assert retention.traces(db, world.now()) == 0


def test_the_trail_of_a_cafe_stays_a_year_longer_than_its_words(told):
    with told.store.unit_of_work() as db:
        trail.note(db, trail.BY_COMMAND, "guide", "docx", [told.room.cafe.id], told.room.session().id)
        trail.note(db, trail.BY_COMMAND, "backup", "", [None])

    def left():
        return {what for (what,) in told.room.sql("SELECT what FROM access")}

    for days, there in ((364, {"guide", "backup"}), (2, {"guide"}), (364, {"guide"}), (3, set())):
        told.clock.shift(timedelta(days=days))
        told.night()
        assert left() == there, days


# Restored


def put_back(told, copy):
    told.store.close()
    done = restore(told.store.file, copy)
    told.store = told.room.store = Store(told.store.url)
    return done


def test_words_that_went_do_not_come_back_with_an_older_copy(told, tmp_path):
    copy = tmp_path / "away" / "copy.db"
    copy.parent.mkdir()
    backup.take(told.store.file, copy)
    choose(told, "2026-12-02")
    told.clock.move_to(datetime(2026, 12, 2, tzinfo=UTC))
    told.night()
    done = put_back(told, copy)
    done.kept.unlink()
    assert told.files_with(MARKER) == set()
    assert told.wrong() == []
    assert told.cafe.words_gone_at is not None


def test_a_deleted_cafe_does_not_come_back_with_an_older_copy(told, tmp_path):
    copy = tmp_path / "away" / "copy.db"
    copy.parent.mkdir()
    other = open_room(told.store)
    other.post(other.join(), "Kept")
    backup.take(told.store.file, copy)
    with told.store.unit_of_work() as db:
        ending.delete_cafe(db, told.cafe, world.now())
    assert told.files_with(MARKER) == told.files_with("Ring every carer") == set()
    done = put_back(told, copy)
    done.kept.unlink()
    assert told.cafe is None
    assert told.files_with(MARKER) == told.files_with("Ring every carer") == set()
    other.store = told.store
    assert other.texts("console") == ["Kept"]
    assert told.wrong() == []


# All of it


def test_a_cafe_that_is_deleted_leaves_no_row_in_any_table(told):
    other = open_room(told.store)
    other.post(other.join(), "Kept")
    with told.store.unit_of_work() as db:
        ending.delete_cafe(db, told.cafe, world.now())
    assert told.wrong() == []
    tables = [name for (name,) in told.room.sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
    session, cafe = 1, told.room.cafe.id
    for table in tables:
        columns = {row[1] for row in told.room.sql(f"PRAGMA table_info({table})")}
        for column, value in (("session_id", session), ("cafe_id", cafe), ("guide_id", cafe)):
            if column in columns:
                assert told.room.sql(f"SELECT count(*) FROM {table} WHERE {column} = ?", value) == [(0,)], table
    assert told.room.sql("SELECT id FROM deleted_cafe") == [(cafe,)]
    assert other.texts("console") == ["Kept"]


def test_a_session_that_began_with_its_steps_begins_with_nothing_and_hears_of_it(told):
    told.clock.shift(timedelta(days=60))
    later = following(told)
    before = later.session().rev
    assert [step["what"] for step in later.data("console")["earlier"]["steps"]] == ["Ring every carer"]
    with told.store.unit_of_work() as db:
        codes = ending.delete_cafe(db, told.cafe, world.now())
    assert set(codes) == {told.room.code, later.code}
    assert later.data("console")["earlier"]["steps"] == []
    assert later.session().rev > before
    assert told.wrong() == []


def following(told) -> Room:
    """A later café of the same organisation on the same foundation."""
    from sessions import plans

    room = told.room
    with told.store.unit_of_work() as db:
        cafe_id = cafes.prepare(db, room.cafe.organisation_id, plans.plan({"title": "The next one"}))
        cafe = cafes.cafe_of(db, room.cafe.organisation_id, cafe_id)
        code = cafes.add_session(db, cafe, "co-design", "together")
        cafes.open_cafe(db, cafe, room.facilitator)
        return Room(told.store, room.facilitator, cafes.cafe_of(db, room.cafe.organisation_id, cafe_id), code)


def test_a_new_store_brings_ended_and_deleted_cafes_level_after_a_crash(told):
    other = open_room(told.store)
    with told.store.unit_of_work() as db:
        ending.end_words(db, told.cafe, world.now())
        ending.delete_cafe(db, other.cafe, world.now())
    path = erasures.path_of(told.store.file)
    whole = erasures.read(path)
    path.unlink()
    with closing(Store(told.store.url)) as again:
        again.level()
    assert erasures.read(path) == whole


def test_a_code_that_was_printed_once_never_leads_anywhere_else(told, monkeypatch):
    with told.store.unit_of_work() as db:
        codes = [told.cafe.code, told.room.code]
        ending.delete_cafe(db, told.cafe, world.now())
        offered = iter([*codes, "NEWEST"])
        monkeypatch.setattr(world, "join_code", lambda: next(offered))
        kept = cafes.prepare(db, told.cafe.organisation_id, plans.plan({"title": "Another"}))
        assert cafes.cafe_of(db, told.cafe.organisation_id, kept).code == "NEWEST"
