"""Releasing a café to the project team of this installation: on the host's terms, and seen by the host afterwards."""

import pytest
from sqlalchemy import insert, select, update

from sessions import world
from sessions.harvest.models import Deed, Entry, HarvestWording, Published, Source
from sessions.models import Credential, LiveSession, Member
from tests.cafe.conftest import Session, command, contribute, member_in, said_by
from tests.cafe.test_sharing import NAMED, cafe_with, form_to, unpacked, words_in

ANYONES, THEIRS = "Ring every new carer", "A bell at the side door"


@pytest.fixture
def shared(room: Session) -> Session:
    phone = room.phone()
    for words, share in ((ANYONES, "open"), (THEIRS, "team"), ("Between us", "room")):
        phone.post_idea(words, share=share)
    return room


@pytest.fixture
def cafe(shared: Session) -> str:
    return cafe_with(shared)


def release(room: Session, cafe: str, **typed):
    """Press the button that releases, on the terms the page shows."""
    console = room.console()
    return console.send(releasing(console.get(f"{cafe}/share").text), **typed)


def releasing(page: str):
    """The form of a page as its button that releases sends it."""
    form = form_to(page, "/bundle")
    form.set("action", form.xpath("string(.//button/@formaction)"))
    return form


def store(app):
    return app.extensions["cafe"].store


def at_the_desk(app, *columns) -> list[tuple]:
    with store(app).reading() as db:
        query = select(*(columns or (Entry.text,))).order_by(*([] if columns else [Entry.id]))
        return [tuple(row) for row in db.execute(query)]


def test_nothing_is_at_the_desk_before_its_host_released_it(app, shared, cafe):
    shared.console().get(f"{cafe}/share")
    shared.facilitator.get(f"{cafe}/bundle?for=team")
    assert at_the_desk(app) == []
    answer = release(shared, cafe)
    assert (answer.status_code, answer.location) == (303, f"{cafe}/share#released")
    assert at_the_desk(app) == [(ANYONES,), (THEIRS,)]
    page = shared.console().get(f"{cafe}/share").text
    assert "Edition 1, released on" in words_in(page, "//*[@id='released']")


def test_a_host_says_what_for_and_under_which_name(app, shared, cafe):
    assert release(shared, cafe, for_research="yes", credit="Heron Hill Hospice").status_code == 303
    assert at_the_desk(app, Source.purposes, Source.credit) == [(["guide", "research"], "Heron Hill Hospice")]
    page = shared.console().get(f"{cafe}/share").text
    assert 'value="Heron Hill Hospice"' in page
    told = words_in(page, "//*[@id='released']")
    assert "For examples in the guide, and as data for research. Credited as “Heron Hill Hospice”." in told


def test_research_is_not_ticked_for_anyone_and_an_empty_credit_names_nobody(app, shared, cafe):
    form = form_to(shared.console().get(f"{cafe}/share").text, "/bundle")
    assert "for_guide" in dict(form.form_values())
    assert "for_research" not in dict(form.form_values())
    assert form.inputs["credit"].value, "a line is suggested"
    release(shared, cafe, credit="")
    assert at_the_desk(app, Source.purposes, Source.credit)[0] == (["guide"], "")


def test_the_terms_go_with_the_file(shared, cafe):
    console = shared.console()
    form = form_to(console.get(f"{cafe}/share").text, "/bundle")
    note, bundle = unpacked(console.send(form, for_research="yes", credit="Heron Hill"))
    assert (bundle["purposes"], bundle["credit"]) == (["guide", "research"], "Heron Hill")
    told = " ".join(note.split())
    assert "as data for research" in told
    assert "credited like this: “Heron Hill”" in told
    assert unpacked(shared.facilitator.get(f"{cafe}/bundle?for=team"))[1]["credit"] == "Heron Hill"


def test_a_credit_line_that_names_someone_is_looked_at_first(app, shared, cafe):
    answer = release(shared, cafe, credit=NAMED, for_research="yes")
    assert answer.status_code == 409
    assert "Have a look at it first" in said_by(answer.text)
    assert NAMED in words_in(answer.text, "//*[@id='doubtful']")
    form = releasing(answer.text)
    assert form.inputs["credit"].value == NAMED
    assert "for_research" in dict(form.form_values())
    assert at_the_desk(app) == []
    looked = shared.console().send(form, looked=form.inputs["looked"].get("value"))
    assert looked.status_code == 303
    assert at_the_desk(app, Source.credit)[0] == (NAMED,)


def test_what_may_say_who_someone_is_keeps_a_release_back(app, shared, cafe):
    console = shared.console()
    form = releasing(console.get(f"{cafe}/share").text)
    shared.phone().send(contribute(NAMED, share="team"))
    assert console.send(form).status_code == 409
    assert at_the_desk(app) == []


def test_where_there_is_no_team_there_is_nothing_to_release_to(app, shared, cafe):
    console = shared.console()
    form = releasing(console.get(f"{cafe}/share").text)
    with store(app).unit_of_work() as db:
        db.execute(update(Credential).where(Credential.role == "team").values(revoked_at=world.now()))
    page = console.get(f"{cafe}/share").text
    assert "/release" not in page
    assert "It goes nowhere by itself." in page
    assert console.send(form).status_code == 404
    member_in(app)
    assert "/release" in console.get(f"{cafe}/share").text


def test_others_can_neither_release_nor_see_what_became_of_it(app, shared, another, cafe):
    release(shared, cafe)
    for path in (f"{cafe}/used", f"{cafe}/share"):
        assert another.console().get(path).status_code == 404
    before = at_the_desk(app)
    for path in ("release", "release/take-back", "used/take-back"):
        answer = another.facilitator.post(f"{cafe}/{path}")
        assert answer.status_code == 404, path
    assert at_the_desk(app) == before


def test_what_is_taken_back_on_a_phone_is_gone_from_the_desk_before_the_answer(app, room):
    phone = room.phone()
    idea = phone.post_idea(ANYONES, share="open")
    cafe = cafe_with(room)
    release(room, cafe)
    phone.send(command("withdraw", contribution=idea))
    assert at_the_desk(app, Entry.text, Entry.gone) == [("", "withdrawn")]
    page = room.console().get(f"{cafe}/used").text
    assert ANYONES not in page
    assert "1 thing is not with the team any more." in page


def test_a_host_takes_a_whole_release_back_and_may_release_again(app, shared, cafe):
    release(shared, cafe)
    console = shared.console()
    answer = console.send(form_to(console.get(f"{cafe}/share").text, "/take-back"))
    assert answer.status_code == 303
    assert at_the_desk(app) == [("",), ("",)]
    assert "The team has nothing of it any more." in console.get(f"{cafe}/share").text
    assert "Everything was taken back on" in console.get(f"{cafe}/used").text
    assert release(shared, cafe).status_code == 303
    assert at_the_desk(app) == [(ANYONES,), (THEIRS,)]


# What became of it


@pytest.fixture
def worked_on(app, shared, cafe) -> str:
    """The team published one thing, in its own words, and shortlisted the other."""
    release(shared, cafe, for_research="yes")
    member_in(app)
    with store(app).unit_of_work() as db:
        published, listed = db.execute(select(Entry.id).order_by(Entry.id)).scalars()
        member = db.execute(select(Member.id))
        worded = {"words": "Ring each new carer", "used": True, "member_id": member.scalar_one(), "at": world.now()}
        db.execute(insert(HarvestWording).values(entry_id=published, **worded))
        edition = {"number": 3, "title": "Small steps, third edition", "at": world.now(), "laid": {}}
        db.execute(insert(Published).values(edition | {"holds": {str(published): "digest"}, "shows": {}}))
        db.execute(update(Entry).where(Entry.id == published).values(for_guide=True))
        db.execute(update(Entry).where(Entry.id == listed).values(state="shortlisted"))
    return cafe


def test_a_host_sees_what_was_used_and_in_which_edition(shared, worked_on):
    page = shared.console().get(f"{worked_on}/used").text
    published, listed = (
        words_in(page, f"//section[@aria-labelledby='{each}']") for each in ("published", "shortlisted")
    )
    assert ANYONES in published
    assert "In the team’s words: Ring each new carer" in published
    assert "edition 3, “Small steps, third edition”" in published
    assert THEIRS in listed
    assert f"{worked_on}/used" in shared.console().get(worked_on).text


def test_what_was_published_and_taken_back_since_is_listed_by_its_edition_without_its_words(app, shared, worked_on):
    console = shared.console()
    console.send(form_to(console.get(f"{worked_on}/share").text, "/take-back"))
    page = console.get(f"{worked_on}/used").text
    assert ANYONES not in page
    assert "Ring each new carer" not in page
    assert "Was published in: edition 3, “Small steps, third edition”" in page
    assert at_the_desk(app, Published.holds) == [({"1": ""},)]


def test_a_look_at_what_was_used_stands_in_the_trail(shared, worked_on):
    console = shared.console()
    console.get(f"{worked_on}/used")
    assert "What the project team has used was looked at" in console.get(f"{worked_on}/trail").text


def test_once_a_cafe_has_no_words_things_are_taken_back_one_by_one(app, shared, worked_on):
    with store(app).unit_of_work() as db:
        db.exec_driver_sql("UPDATE cafe SET words_gone_at = '2027-01-01 00:00:00.000000'")
    console = shared.console()
    form = form_to(console.get(f"{worked_on}/used").text, "/used/take-back")
    assert console.send(form, entry="1").status_code == 303
    assert at_the_desk(app) == [("",), (THEIRS,)]
    with store(app).reading() as db:
        assert "Ring" not in str(db.execute(select(Deed)).all())


# In which words people were asked


def test_a_phone_asks_in_the_words_its_session_was_opened_with(app, room, newcomer):
    phone, newer = room.participant(), "used as data for research"
    assert newer in phone.get(f"/s/{room.code}").text
    with store(app).unit_of_work() as db:
        db.execute(update(LiveSession).values(consent="1"))
    page = phone.get(f"/s/{room.code}").text
    assert newer not in page
    assert "May be printed and quoted by anyone, without your name." in page
    assert newer in newcomer.get("/words").text


def test_a_host_is_told_where_nobody_was_asked_about_research(app, shared, cafe):
    page = f"{cafe}/share"
    assert "nobody was asked about research" not in shared.console().get(page).text
    with store(app).unit_of_work() as db:
        db.execute(update(LiveSession).values(consent="1"))
    assert "In 1 session nobody was asked about research" in shared.console().get(page).text
    release(shared, cafe, for_research="yes")
    assert at_the_desk(app, Entry.consent)[0] == ("1",)
