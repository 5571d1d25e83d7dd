"""The limits beside the door: nothing that comes too fast is refused or lost, and nobody pays for somebody else."""

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import msgspec
import pytest

from cafe import security
from cafe.limits import MOST_HASHING, PATIENCE, Buckets, Limits, Pace, Rate, TooMany, chosen
from sessions import links
from sessions.permissions import Visitor
from tests.cafe.conftest import (
    PASSPHRASE,
    WORDS,
    Browser,
    Program,
    close,
    command,
    contribute,
    desk_in,
    form_in,
    forms_in,
    fresh_id,
    planned,
    said_by,
    settings_for,
    vote,
)
from tests.cafe.test_first_run import set_up

JSON = {"Accept": "application/json"}
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}
QUICK = Limits(posts=Rate(3, 0.2))  # the rest as it is


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits() -> Limits:
    """As they are when nobody chooses others; a test may ask for others by `parametrize`."""
    return Limits()


@pytest.fixture
def settings(database, limits):
    return msgspec.structs.replace(settings_for(database), limits=limits)


def statuses(results: list[dict]) -> list[str]:
    return [each["status"] for each in results]


def ideas(many: int) -> list[dict]:
    return [contribute(f"Idea number {number}") for number in range(many)]


# Buckets


def test_a_bucket_gives_so_many_at_once_and_then_one_now_and_then(clock):
    bucket = Buckets(Rate(10, 6), clock)
    for _ in range(10):
        assert bucket.wait("seat") == 0
        bucket.take("seat")
    assert bucket.wait("seat") == pytest.approx(6)
    clock.now += 5
    assert bucket.wait("seat") == pytest.approx(1)
    clock.now += 1
    assert bucket.wait("seat") == 0
    bucket.take("seat")
    assert bucket.wait("seat") == pytest.approx(6)
    assert bucket.wait("another") == 0


def test_a_bucket_never_holds_more_than_when_it_is_full(clock):
    bucket = Buckets(Rate(2, 1), clock)
    bucket.take("seat")
    clock.now += 1_000_000
    bucket.give_back("seat")
    bucket.take("seat")
    bucket.take("seat")
    assert bucket.wait("seat") == pytest.approx(1)


def test_full_buckets_are_forgotten(clock):
    bucket = Buckets(Rate(10, 6), clock)
    for seat in range(100_000):
        bucket.take(seat)
        clock.now += 0.1
    assert len(bucket) < 2500


def test_each_command_is_counted_for_its_seat_and_its_session(clock):
    pace = Pace(Limits(posts=Rate(2, 6), commands=Rate(3, 1)), clock)
    one, other = Visitor("seat", "o", 1, seat_id=1), Visitor("seat", "o", 1, seat_id=2)
    assert [pace.command(one, "CODE", contribute()) for _ in range(2)] == [0, 0]
    assert pace.command(one, "CODE", contribute()) == pytest.approx(6)  # and the session has lost nothing by that
    assert pace.command(one, "CODE", vote("x")) == 0
    assert pace.command(other, "CODE", contribute()) == pytest.approx(1)
    assert pace.command(other, "ELSE", contribute()) == 0


def test_switched_off_only_the_sessions_limit_is_left(clock):
    pace = Pace(Limits(seats=False), clock)
    seat = Visitor("seat", "o", 1, seat_id=1)
    assert not any(pace.batch(seat, "CODE") or pace.join("CODE") for _ in range(5000))
    assert not any(pace.command(seat, "CODE", contribute()) for _ in range(2000))
    assert 0 < pace.command(seat, "CODE", contribute()) < 0.001
    clock.now += 1
    assert not any(pace.command(seat, "CODE", contribute()) for _ in range(2000))


# What can be set


def test_what_is_not_set_is_as_documented():
    assert chosen({}) == Limits() == chosen({"CAFE_SEAT_LIMITS": "on", "CAFE_LIMITS": " "})
    assert Limits().posts == (10, 6)
    assert Limits().votes == (30, 0.5)
    assert Limits().commands == (2000, 1 / 2000)


def test_rates_are_set_in_one_place():
    limits = chosen({"CAFE_LIMITS": "posts=20/3 joins=600/.005", "CAFE_SEAT_LIMITS": "Off"})
    assert limits == Limits(seats=False, posts=Rate(20, 3), joins=Rate(600, 0.005))


@pytest.mark.parametrize(
    "nonsense", ["posts", "posts=10", "posts=0/6", "posts=10/0", "posts=10/", "posts=-1/6", "pots=10/6", "seats=1/1"]
)
def test_nonsense_is_told_in_one_sentence(nonsense):
    with pytest.raises(ValueError, match=r"^CAFE_LIMITS is made of words like posts=10/6 .+\.$"):
        chosen({"CAFE_LIMITS": nonsense})
    with pytest.raises(ValueError, match=r"^CAFE_SEAT_LIMITS is either on or off\.$"):
        chosen({"CAFE_SEAT_LIMITS": nonsense})


@pytest.mark.parametrize("limits", [Limits(), Limits(seats=False, posts=Rate(7, 8.5))])
def test_every_limit_is_told(limits, room, newcomer):
    told = newcomer.get("/limits").json
    assert told["posts"] == {"at_once": limits.posts.burst, "then_one_every_seconds": limits.posts.seconds}
    assert set(limits.rates()) <= set(told)
    assert told["seats"] == ("on" if limits.seats else "off")


# One seat


def test_the_eleventh_idea_at_once_is_asked_to_wait_and_so_is_all_behind_it(room):
    phone = room.phone()
    results = phone.send(*ideas(12), vote("x"))
    assert statuses(results) == ["applied"] * 10 + ["retry"] * 3
    assert all(5000 < each["retry_after_ms"] <= 6000 and each["say"] for each in results[10:])
    assert len(phone.snapshot("phone")["contributions"]) == 10
    assert statuses(phone.send(vote("x"))) == ["refused"]  # dots have a bucket of their own, and this is on nothing


def test_dots_come_quicker(room):
    phone = room.phone()
    target = phone.post_idea()
    results = [each for _ in range(2) for each in phone.send(*(vote(target, number % 2) for number in range(20)))]
    assert statuses(results) == ["applied"] * 30 + ["retry"] * 10
    assert results[-1]["retry_after_ms"] <= 500


@pytest.mark.parametrize("limits", [QUICK])
def test_what_had_to_wait_is_kept_when_it_comes_again_in_time(room):
    phone, waiting = room.phone(), ideas(6)
    asked = 0
    while waiting:
        results = phone.send(*waiting)
        waiting = [each for each, result in zip(waiting, results, strict=True) if result["status"] == "retry"]
        for result in results:
            if result["status"] == "retry":
                threading.Event().wait(result["retry_after_ms"] / 1000)
                break
        asked += 1
    assert len(phone.snapshot("phone")["contributions"]) == 6
    assert asked <= 4  # whoever waits as long as asked is taken


@pytest.mark.parametrize("limits", [Limits(posts=Rate(10, 600))])
def test_sending_again_what_is_kept_costs_nothing(room):
    phone, said = room.phone(), ideas(10)
    assert statuses(phone.send(*said)) == ["applied"] * 10
    assert statuses(phone.send(*said, contribute("one more"))) == ["repeated"] * 10 + ["retry"]
    assert statuses(phone.send(contribute("one more"), *said)) == ["retry"] * 11


@pytest.mark.parametrize("limits", [Limits(posts=Rate(10, 600))])
def test_two_hundred_phones_that_send_everything_again_after_a_restart_are_not_held_up(room):
    said = [(phone, ideas(3)) for phone in (room.phone() for _ in range(20))]
    for phone, words in said:
        phone.send(*words)
    for _ in range(10):
        assert all(statuses(phone.send(*words)) == ["repeated"] * 3 for phone, words in said)
    phone, _ = said[0]
    assert statuses(phone.send(*ideas(8))) == ["applied"] * 7 + ["retry"]


def test_a_full_disk_does_not_use_up_a_turn(room, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from sessions import door

    phone, said = room.phone(), ideas(10)
    real = door.apply

    def full(db, visitor, code, message, **how):
        real(db, visitor, code, message, **how)
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(door, "apply", full)
        assert all(statuses(phone.send(*said)) == ["retry"] * 10 for _ in range(5))
    assert statuses(phone.send(*said)) == ["applied"] * 10


def test_one_who_floods_harms_nobody_else(room):
    flooder, neighbour = room.phone(), room.phone()
    for _ in range(10):
        flooder.send(*ideas(20))
    assert statuses(neighbour.send(*ideas(10))) == ["applied"] * 10
    assert statuses(room.facilitator.send(*(contribute(on_behalf=True) for _ in range(20)))) == ["applied"] * 20


def test_whoever_types_for_a_table_has_room_for_a_pile_of_cards(room):
    sent = [each for _ in range(4) for each in room.facilitator.send(*(contribute(on_behalf=True) for _ in range(20)))]
    assert statuses(sent)[:60] == ["applied"] * 60
    assert statuses(sent)[-1] == "retry"


def test_batches_without_end_are_answered_without_a_look_at_what_is_in_them(room):
    phone, said = room.phone(), contribute()
    phone.send(said)
    results = [phone.send(said)[0]["status"] for _ in range(80)]
    assert set(results[:50]) == {"repeated"}
    assert results[-1] == "retry"


def test_a_plain_form_comes_back_with_its_words_and_a_kind_sentence(room):
    browser = room.participant()
    for number in range(10):
        assert browser.write(room.code, f"Idea {number}").status_code == 303
    answer = browser.write(room.code, WORDS)
    assert answer.status_code == 200
    assert (
        said_by(answer.text)
        == "That was a lot at once. Please send it again in a few seconds. Your words are still here."
    )
    assert form_in(answer.text, do="contribute").fields["text"].strip() == WORDS
    assert len(room.facilitator.snapshot("console")["contributions"]) == 10


@pytest.mark.parametrize("limits", [Limits(typed_posts=Rate(20, 600))])
def test_a_facilitators_form_comes_back_with_its_words_too(room):
    console = room.console()
    room.facilitator.send(*(contribute(on_behalf=True) for _ in range(20)))
    form = form_in(console.get(f"/console/{room.code}").text, do="contribute")
    answer = console.send(form, text=WORDS)
    assert answer.status_code == 200
    assert "a lot at once" in said_by(answer.text)
    assert WORDS in answer.text


# Joining


def joined(room, **more) -> tuple[int, str | None]:
    answer = room.app.test_client().post(f"/j/{room.code}", headers=JSON, **more)
    return answer.status_code, answer.headers.get("Retry-After")


def test_a_whole_hospital_joins_at_once_from_one_address(room):
    assert [joined(room)[0] for _ in range(250)] == [201] * 250


@pytest.mark.parametrize("limits", [Limits(joins=Rate(2, 0.1))])
def test_whoever_comes_a_little_too_early_is_let_in_a_moment_later(room):
    with ThreadPoolExecutor(6) as doors:
        assert [status for status, _ in doors.map(lambda _: joined(room), range(6))] == [201] * 6
    assert room.joined() == 6


@pytest.mark.parametrize("limits", [Limits(newcomers=Rate(3, PATIENCE + 1))])
def test_seats_without_end_are_not_to_be_had(room, newcomer):
    came = [joined(room) for _ in range(5)]
    assert came == [(201, None)] * 3 + [(429, "6")] * 2
    page = newcomer.get(f"/j/{room.code}").text
    (form,) = forms_in(page)
    answer = newcomer.send(form, to=f"/j/{room.code}", here_as="nursing")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "6"
    assert "Many people want this at once" in said_by(answer.text)
    (again,) = forms_in(answer.text)
    assert (again.fields["here_as"], again.fields["id"]) == ("nursing", form.fields["id"])
    assert room.joined() == 3


# Wrong codes


def paths(code: str) -> list[str]:
    return [
        f"/j/{code}",
        f"/c/{code}",
        f"/s/{code}/snapshot?view=phone",
        f"/console/{code}",
        f"/in/{code}",
        f"/r/{code}",
    ]


@pytest.mark.parametrize("limits", [Limits(wrong_codes=Rate(12, 60))])
def test_wrong_codes_are_answered_more_slowly_and_right_ones_always(room, newcomer):
    asked = [newcomer.get(path).status_code for code in ("AAAAAA", "BBBBBB") for path in paths(code)]
    assert asked == [404] * 12
    for path in paths("CCCCCC"):
        answer = newcomer.get(path, headers=JSON)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60"), path
        assert answer.json["code"] == "too_many"
    assert newcomer.get(f"/j/{room.code}", environ_overrides=ELSEWHERE).status_code == 200
    assert newcomer.join(room.code).status_code == 303
    assert newcomer.write(room.code).status_code == 303
    assert newcomer.get("/", query_string={"code": "DDDDDD"}, environ_overrides=ELSEWHERE).location == "/j/DDDDDD"


@pytest.mark.parametrize("limits", [Limits(wrong_codes=Rate(2, 3600), knocks=Rate(3, 3600))])
def test_from_where_codes_are_guessed_right_ones_have_to_wait_too_but_for_those_who_are_here(room, newcomer, another):
    phone = room.phone()
    for code in ("AAAAAA", "BBBBBB"):
        assert newcomer.get(f"/j/{code}").status_code == 404
    asked = [f"/j/{room.code}", f"/s/{room.code}/snapshot?view=phone", f"/console/{another.code}"]
    assert [newcomer.get(path, headers=JSON).status_code for path in asked] == [200, 401, 401]
    for path in (*asked, f"/j/{room.code}/qr.svg", f"/c/{room.code}", "/j/CCCCCC"):
        assert newcomer.get(path, headers=JSON).status_code == 429, path
        assert newcomer.get(path, headers=JSON, environ_overrides=ELSEWHERE).status_code != 429, path
    assert phone.get(f"/j/{room.code}").status_code == 200
    assert phone.get("snapshot").status_code != 429
    assert room.console().get(f"/j/{room.code}").status_code == 200


def where(app, monkeypatch, peer: str, forwarded: str = "", **settings: object) -> str | None:
    """Whence a request seems to come to an app with these settings."""
    chosen = msgspec.structs.replace(app.extensions["cafe"].settings, **settings)
    monkeypatch.setattr(security, "parts", lambda: SimpleNamespace(settings=chosen))
    told = {"X-Forwarded-For": forwarded} if forwarded else {}
    with app.test_request_context(headers=told, environ_base={"REMOTE_ADDR": peer}):
        return security.whence()


def test_only_what_our_own_proxies_add_says_where_somebody_is(app, monkeypatch):
    """Whoever asks may write anything into the header, but for what is added after it."""
    asked = partial(where, app, monkeypatch)
    someone = asked("9.9.9.9")
    assert someone not in {None, asked("9.9.9.8")}
    assert "9.9.9.9" not in someone
    assert asked("9.9.9.9", "6.6.6.6") == someone
    assert asked("10.0.0.1", "6.6.6.6, 9.9.9.9", proxies=1) == someone
    assert asked("10.0.0.1", "6.6.6.6, 9.9.9.9, 10.0.0.2", proxies=2) == someone
    assert asked("10.0.0.1", "6.6.6.6", proxies=2) is None
    assert asked("10.0.0.1", "nobody", proxies=1) is None
    assert asked("2001:db8:1:2::1") == asked("2001:db8:1:2:ffff::9") != asked("2001:db8:1:3::1")


def test_behind_a_proxy_nobody_told_us_of_nobody_is_taken_for_another(app, monkeypatch):
    assert where(app, monkeypatch, "10.0.0.1", address="https://cafe.example.org") is None


def test_a_day_of_guessing_finds_nothing():
    """What is answered in a day, right codes or wrong, as fast as anyone may ask from one address (S1)."""
    clock = Clock()
    pace, answered, asked = Pace(Limits(), clock), 0, 0
    for _ in range(24 * 60 * 60 * 20):
        clock.now += 0.05
        asked += 1
        if not pace.guesses("somewhere"):
            pace.wrong_code("somewhere")
        else:
            try:
                pace.knock("somewhere")
            except TooMany:
                continue
        answered += 1
    assert asked == 4 * 432_000
    at_once = Limits().wrong_codes.burst + Limits().knocks.burst + PATIENCE / Limits().knocks.seconds
    assert answered <= 2 * 432_000 + at_once
    assert answered * 20 / 31**6 < 0.02  # with twenty sessions open, one day in fifty hits


@pytest.mark.battery
@pytest.mark.parametrize("limits", [Limits(wrong_codes=Rate(10_000, 0.2))])
def test_how_long_an_answer_takes_tells_nothing_of_a_code(app, room, counted):
    desk, stranger = desk_in(app), Browser(app)
    closed = planned(desk)
    close(desk, closed)
    slower = 0.0
    for path in ("/j/{}", "/c/{}", "/s/{}/snapshot?view=phone"):
        took: dict[str, list[float]] = {"AAAAAA": [], closed: []}
        for _ in range(100):
            for code, times in took.items():
                began = time.perf_counter()
                assert stranger.get(path.format(code)).status_code == 404
                times.append(time.perf_counter() - began)
        unknown, known = (statistics.median(times) for times in took.values())
        slower = max(slower, abs(unknown - known))
    counted(difference=f"{1000 * slower:.2f} ms")
    assert slower < 0.005


# Signing in


@pytest.fixture
def desk(app):
    """The browser of a facilitator who has set this installation up."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        link = f"/in/{links.make(db, 'setup')}"
    browser = Browser(app)
    assert set_up(browser, link).status_code == 303
    return browser


def sign_in(browser: Browser, passphrase: str):
    return browser.send(forms_in(browser.get("/sign-in").text)[0], to="/sign-in", passphrase=passphrase)


@pytest.mark.parametrize("limits", [Limits(sign_ins=Rate(3, 2))])
def test_wrong_passphrases_have_to_wait_and_nobody_is_locked_out_for_long(desk, newcomer, app):
    assert [sign_in(newcomer, "harbour lantern").status_code for _ in range(3)] == [403] * 3
    answer = sign_in(newcomer, "harbour lantern")
    assert (answer.status_code, answer.headers["Retry-After"]) in {(429, "1"), (429, "2")}
    assert "wait a few seconds" in said_by(answer.text)
    assert forms_in(answer.text)[0].fields["organisation"] == "Northvale Hospice"
    for _ in range(100):
        answer = sign_in(newcomer, PASSPHRASE)
        if answer.status_code == 303:
            break
        threading.Event().wait(0.05)
    assert answer.status_code == 303


@pytest.mark.parametrize("limits", [Limits(sign_ins=Rate(2, 600))])
def test_right_passphrases_cost_nothing(desk, app):
    assert [sign_in(Browser(app), PASSPHRASE).status_code for _ in range(5)] == [303] * 5


def test_only_so_many_passphrases_wait_to_be_hashed():
    pace = Pace(Limits())
    inside = [pace.hashing() for _ in range(MOST_HASHING)]
    for each in inside:
        each.__enter__()
    with pytest.raises(TooMany), pace.hashing():
        pass
    inside.pop().__exit__(None, None, None)
    with pace.hashing():
        pass


def test_a_program_may_tell_what_it_has_to_wait_for(room):
    phone = Program(room.app, room.code, room.phone().token)
    (result,) = phone.send(*ideas(11))[10:]
    assert set(result) == {"id", "status", "say", "retry_after_ms"}
    assert statuses(phone.send(command("ready", ready=True), {"id": fresh_id(), "do": "nonsense"})) == [
        "applied",
        "refused",
    ]
