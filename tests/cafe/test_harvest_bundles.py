"""A file is brought to the harvest desk: looked at, taken in once, and taken out whole; by browser and command line."""

import io
import json

import lxml.html
import pytest
from sqlalchemy import select, text

from sessions import bundle, cafes
from sessions.harvest import kit_update
from sessions.harvest.models import Deed, Entry, Source
from sessions.store import find_session, sessions_of
from tests.bundles import CAFE, as_data, as_file, held, line, made
from tests.cafe.conftest import Browser, command, forms_in, run_cafe
from tests.sessions.harvest.test_kit_update import edition

BUNDLES, NEW = "/harvest/bundles", "/harvest/bundles/new"


def bring(member: Browser, file: bytes, name: str = "for-the-team.zip"):
    """Choose a file, and look at what is in it."""
    form = forms_in(member.get(NEW).text)[-1]
    data = {**dict(form.form_values()), "file": (io.BytesIO(file), name)}
    return member.post(NEW, data=data, content_type="multipart/form-data")


def press(member: Browser, looked_at):
    """Press the button that takes in what was looked at."""
    form = next(form for form in forms_in(looked_at.text) if "held" in form.fields)
    return member.post(NEW, data=dict(form.form_values()), content_type="multipart/form-data")


def take_in(member: Browser, file: bytes) -> str:
    """Bring a file and take it in; what the list of cafés says then."""
    answer = press(member, bring(member, file))
    assert answer.status_code == 303, answer.text
    return member.get(answer.location).text


def at_the_desk(app) -> list[tuple[str, str]]:
    with app.extensions["cafe"].store.reading() as db:
        return [tuple(row) for row in db.execute(select(Entry.text, Entry.gone).order_by(Entry.id))]


def deeds(app) -> list[tuple[str, dict, dict]]:
    with app.extensions["cafe"].store.reading() as db:
        return [tuple(row) for row in db.execute(select(Deed.kind, Deed.before, Deed.after).order_by(Deed.id))]


def released(app, code: str) -> bundle.Bundle:
    """Hand a café of this installation over to the project team, as a file."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        found = find_session(db, code)
        cafe = next(each for each in cafes.every(db) if each.id == found.cafe_id)
        return bundle.hand_over(db, cafe, sessions_of(db, cafe.id))


SAID = [("Ring back within a day", ""), ("Leave a number", ""), ("Try it on one ward", "")]


def test_a_file_is_looked_at_before_anything_is_taken_in(app, member):
    page = bring(member, as_file(made())).text
    assert "Café by the sea" in page
    assert "2 ideas" in page
    assert "version 1 of the words, of 23 November 2026" in page
    assert "New at the desk." in page
    assert at_the_desk(app) == []


def test_what_was_looked_at_is_taken_in_exactly_once(app, member):
    assert "3 new, 0 changed, 0 gone, 0 as they were." in take_in(member, as_file(made()))
    assert at_the_desk(app) == SAID
    assert "0 new, 0 changed, 0 gone, 3 as they were." in take_in(member, as_file(made()))
    assert at_the_desk(app) == SAID
    assert deeds(app) == [("arrived", {}, {"edition": "1"})]


def test_a_bundle_can_come_as_plain_data(app, member):
    assert press(member, bring(member, bundle.dump(made()), "bundle.json")).status_code == 303
    assert at_the_desk(app) == SAID


def test_a_later_edition_takes_the_earlier_ones_place_and_an_earlier_one_stays_out(app, member):
    take_in(member, as_file(made()))
    later = made(held(line(0, "Ring back within an hour")), edition=2)
    assert "A later edition of what is at the desk" in bring(member, as_file(later)).text
    assert "0 new, 1 changed, 2 gone, 0 as they were." in take_in(member, as_file(later))
    assert at_the_desk(app) == [("Ring back within an hour", ""), ("", "not_in_latest"), ("", "not_in_latest")]
    assert "a later edition of a café" in bring(member, as_file(made())).text
    assert deeds(app)[-1] == ("updated", {"edition": "1"}, {"edition": "2"})


def test_the_same_edition_with_other_words_stays_out(app, member):
    take_in(member, as_file(made()))
    assert "it says something else" in bring(member, as_file(made(held(line(0, "Forged"))))).text
    assert at_the_desk(app) == SAID


def test_what_changed_meanwhile_is_asked_again_when_the_button_is_pressed(app, member):
    looked_at = bring(member, as_file(made()))
    take_in(member, as_file(made(held(line(0, "Newer")), edition=2)))
    answer = press(member, looked_at)
    assert answer.status_code == 200
    assert "Nothing was taken in" in answer.text
    assert at_the_desk(app) == [("Newer", "")]


def test_what_may_say_who_someone_is_is_shown_before_it_comes(member):
    page = bring(member, as_file(made(held(line(0, "Ask Mrs Smith, 07700 900123"))))).text
    assert "One text may say who someone is:" in page
    assert "Nothing is published before a second person has looked." in page


def test_another_installation_s_mark_is_said(app, member):
    take_in(member, as_file(made()))
    again = made(installation="33333333-3333-4333-8333-333333333333")
    assert "goes by another mark than before" in bring(member, as_file(again)).text
    assert "3 as they were" in take_in(member, as_file(again))


def test_a_file_that_is_no_bundle_is_refused_in_a_sentence(app, member):
    for file in (b"", b"hello", as_file(made())[:300]):
        answer = bring(member, file)
        assert "Nothing was taken in" in answer.text
    assert "Choose the file first." in member.send(forms_in(member.get(NEW).text)[-1], to=NEW).text
    assert at_the_desk(app) == []


def test_what_came_back_spoiled_is_refused(app, member):
    form = next(form for form in forms_in(bring(member, as_file(made())).text) if "held" in form.fields)
    for spoiled in (form.fields["held"][:100], "é", "AAAA", ""):
        data = dict(form.form_values()) | {"held": spoiled}
        answer = member.post(NEW, data=data, content_type="multipart/form-data")
        assert "The file did not come back whole." in answer.text
    assert at_the_desk(app) == []


def test_words_from_elsewhere_are_never_markup(member):
    page = bring(member, as_file(made(held(line(0, "5 < 6 & <b>bold</b>"))))).text
    assert "5 &lt; 6 &amp; &lt;b&gt;bold&lt;/b&gt;" in page


def test_a_cafe_is_taken_out_whole_and_comes_back_by_its_file(app, member):
    take_in(member, as_file(made()))
    path = f"{BUNDLES}/{CAFE}/remove"
    assert "3 things people said go from the desk at once" in member.get(path).text
    answer = member.send(forms_in(member.get(path).text)[-1], to=path)
    assert "taken out whole" in member.get(answer.location).text
    assert at_the_desk(app) == [("", "removed")] * 3
    assert "Café by the sea" not in member.get(BUNDLES).text
    assert member.get(path).status_code == 404
    with app.extensions["cafe"].store.reading() as db:
        assert db.execute(select(Source.title, Source.host, Source.place, Source.organisation)).one() == ("",) * 4
        assert db.execute(text("SELECT count(*) FROM harvest_words")).scalar_one() == 0
    assert "It was taken out of the desk, and comes back." in bring(member, as_file(made())).text
    take_in(member, as_file(made()))
    assert at_the_desk(app) == SAID
    assert [kind for kind, _before, _after in deeds(app)] == ["arrived", "removed", "arrived"]


def test_a_cafe_of_this_installation_comes_by_file_only_as_it_would_leave_now(app, room, member):
    author = room.phone()
    idea = author.post_idea("Ours", share="team")
    first = released(app, room.code)
    assert "1 new" in take_in(member, as_file(first))
    author.send(command("withdraw", contribution=idea))
    assert "is not what would leave it now" in bring(member, as_file(first)).text


def test_nobody_forges_a_cafe_of_this_installation(app, room, member):
    room.phone().post_idea("Ours", share="team")
    theirs = as_data(released(app, room.code))
    theirs["sessions"][0]["actions"][0]["text"] = "Forged"
    assert "is not what would leave it now" in bring(member, as_file(theirs)).text
    assert at_the_desk(app) == []


def test_every_button_and_link_on_the_list_says_which_cafe(member):
    take_in(member, as_file(made()))
    tree = lxml.html.document_fromstring(member.get(BUNDLES).text)
    (link,) = tree.xpath("//main//a[contains(@href, '/remove')]")
    assert tree.get_element_by_id(link.get("aria-describedby")).text_content() == "Café by the sea"


def test_a_program_of_the_team_is_told_in_data_what_is_wrong(app, room):
    headers = {"Authorization": f"Bearer {room.opened.team_token}", "Accept": "application/json"}
    sent = {"file": (io.BytesIO(b"hello"), "x.zip")}
    answer = app.test_client().post(NEW, data=sent, headers=headers, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["code"]) == (400, "unsound")


def test_a_kit_update_is_sent_on_to_where_it_belongs(app, member):
    answer = bring(member, kit_update.dump(kit_update.of(edition("Ring back"))), "kit-update.json")
    assert "This is a kit update, and no bundle" in answer.text
    assert at_the_desk(app) == []


# The command line


def test_cafe_import_says_what_came_and_again_doubles_nothing(tmp_path):
    file = tmp_path / "for-the-team.zip"
    file.write_bytes(as_file(made()))
    first, second = (run_cafe("import", str(file), cwd=tmp_path) for _ in range(2))
    assert (first.returncode, first.stdout) == (0, "One café taken in: 3 new, 0 changed, 0 gone, 0 as they were.\n")
    assert (second.returncode, second.stdout) == (0, "One café taken in: 0 new, 0 changed, 0 gone, 3 as they were.\n")


@pytest.mark.parametrize(("contents", "code"), [(b"hello", 1), (json.dumps({"schema": 9}).encode(), 1), (None, 2)])
def test_cafe_import_refuses_in_one_sentence(tmp_path, contents, code):
    file = tmp_path / "bundle.json"
    if contents is not None:
        file.write_bytes(contents)
    done = run_cafe("import", str(file), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert len(done.stderr.splitlines()) == 1
    assert code == 2 or done.stderr.endswith("Nothing was taken in.\n")
