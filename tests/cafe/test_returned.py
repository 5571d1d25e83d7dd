"""A Word file is brought back to the desk: what is different is shown, and what is ticked becomes a version."""

import io

import msgspec
import pytest

from sessions.guide import Guide
from tests.cafe.conftest import command, forms_in
from tests.cafe.returning import Edited
from tests.cafe.test_desk import BETTER, OTHER, SAID, Desk


@pytest.fixture
def desk(room) -> Desk:
    phone = room.phone()
    phone.post_idea(SAID, kind="action")
    phone.post_idea(OTHER, kind="action")
    phone.post_idea("We tried this in 2023.", kind="concern")
    return Desk(room)


@pytest.fixture
def edited(desk) -> Edited:
    return taken_away(desk)


def taken_away(desk: Desk) -> Edited:
    return Edited(msgspec.json.decode(desk.browser.get(f"{desk.front}/guide.json").data, type=Guide))


def bring(desk: Desk, file: bytes, name: str = "guide.docx"):
    """Choose a file and press the button; the page that comes."""
    path = f"{desk.front}/returned"
    form = forms_in(desk.browser.get(path).text)[-1]
    data = {**dict(form.form_values()), "file": (io.BytesIO(file), name)}
    return desk.browser.post(path, data=data, content_type="multipart/form-data")


def differences(answer):
    """The form with the differences."""
    assert answer.status_code == 200, answer.text
    return next(form for form in forms_in(answer.text) if "differences" in form.get("class", ""))


def take(desk: Desk, edited: Edited, *numbers: int, **typed):
    """Bring a file, tick some differences and take them over; the page that comes."""
    form = differences(bring(desk, edited.bytes()))
    answer = desk.browser.send(form, to=f"{desk.front}/returned", take=[str(n) for n in numbers], **typed)
    assert answer.status_code == 303, answer.text
    return desk.browser.get(answer.location).text


def test_the_desk_leads_to_it(desk):
    assert desk.page(desk.front).xpath(f"//a[@href='{desk.front}/returned']")


def test_what_is_different_is_shown_word_by_word_and_changes_nothing(desk, edited):
    edited.say(SAID, BETTER, everywhere=True)
    edited.add_after("We tried this", "Share the rota.")
    edited.delete("We tried this")
    text = bring(desk, edited.bytes()).text
    assert "Ring every new carer <del>in the first </del><ins>within a </ins>week." in text
    assert "<ins>Share the rota.</ins>" in text
    assert "<del>We tried this in 2023.</del>" in text
    assert desk.texts() == [SAID, OTHER]


def test_only_what_is_ticked_is_taken_over_and_what_people_said_stays_beside_it(desk, edited):
    edited.say(SAID, BETTER, everywhere=True)
    edited.say(OTHER, "Two numbers.", everywhere=True)
    text = take(desk, edited, 0)
    assert "1 difference was taken over." in text
    assert desk.texts() == [BETTER, OTHER]
    assert SAID in desk.line(BETTER).text_content()


def test_all_can_be_taken_over_at_once(desk, edited):
    edited.say(SAID, BETTER, everywhere=True)
    edited.add_after("We tried this", "We are too few.")
    edited.say(edited.made.title, "Small steps")
    form = differences(bring(desk, edited.bytes()))
    assert desk.browser.send(form, to=f"{desk.front}/returned", all="1").status_code == 303
    assert desk.texts() == [BETTER, OTHER]
    assert desk.texts("concerns") == ["We tried this in 2023.", "We are too few."]
    assert desk.json()["title"] == "Small steps"


def test_a_new_line_goes_where_one_chooses(desk, edited):
    edited.add_after("We tried this", "Does a call back help?")
    form = differences(bring(desk, edited.bytes()))
    [place] = [each for each in form.xpath(".//option/@value") if each.endswith(" questions")]
    take(desk, edited, 0, **{"place-0": place})
    assert desk.texts("questions") == ["Does a call back help?"]
    assert desk.json()["chapters"][0]["questions"][0]["added"] is True


def test_a_line_that_is_gone_is_left_out_and_can_be_put_back(desk, edited):
    edited.delete("We tried this")
    take(desk, edited, 0)
    assert desk.texts("concerns") == []
    assert "We tried this in 2023." in desk.page().text_content()


def test_what_was_reworded_at_the_desk_meanwhile_is_never_overwritten(desk, edited):
    desk.save(desk.box(SAID), words="Ring them.")
    edited.say(SAID, BETTER, everywhere=True)
    page = bring(desk, edited.bytes()).text
    assert "changed in the guide as well" in page
    assert "both versions are kept" in take(desk, edited, 0)
    assert desk.texts() == ["Ring them.", OTHER]
    assert BETTER in desk.line("Ring them.").text_content()


def test_a_file_made_from_an_edited_guide_is_written_upon_that_edit(desk):
    desk.save(desk.box(SAID), words="Ring them.")
    edited = taken_away(desk)
    edited.say("Ring them.", "Ring them all.", everywhere=True)
    take(desk, edited, 0)
    assert desk.texts() == ["Ring them all.", OTHER]


def test_words_that_were_taken_back_do_not_come_in_again(desk, edited, room):
    edited.say(SAID, BETTER, everywhere=True)
    form = differences(bring(desk, edited.bytes()))
    console = room.facilitator
    [contribution] = [each for each in console.snapshot("console")["contributions"] if each["text"] == SAID]
    console.send(command("erase", contribution=contribution["id"]))
    answer = desk.browser.send(form, to=f"{desk.front}/returned", all="1")
    assert "could not be taken over" in desk.browser.get(answer.location).text
    assert desk.texts() == [OTHER]
    assert "no longer in the guide" in bring(desk, edited.bytes()).text


def test_two_names_are_both_added(desk, edited):
    edited.type_over("None named yet.", "The night pharmacy")
    edited.add_after("The night pharmacy", "The hospice")
    form = differences(bring(desk, edited.bytes()))
    desk.browser.send(form, to=f"{desk.front}/returned", all="1")
    assert desk.json()["partners"] == ["The night pharmacy", "The hospice"]


@pytest.mark.parametrize("file", [b"", b"%PDF-1.7", b"PK\x05\x06" + b"\0" * 18, b"\xd0\xcf\x11\xe0" * 200])
def test_what_is_no_guide_is_answered_kindly(desk, file):
    answer = bring(desk, file)
    assert answer.status_code == 200
    assert "Please look at this once more" in answer.text


def test_a_file_that_is_too_large_is_answered_kindly(desk, monkeypatch):
    monkeypatch.setattr("cafe.pages.returned.MOST_BYTES", 1000)
    assert "larger than 20 MB" in bring(desk, b"\0" * 1001).text


def test_a_file_of_another_guide_is_brought_back_there(desk, edited, another):
    other = Desk(another)
    another.phone().post_idea("Something else", kind="action")
    assert "made from another guide" in bring(other, edited.bytes()).text


def test_nobody_else_can_bring_one(desk, edited, another, newcomer):
    path = f"{desk.front}/returned"
    assert another.console().get(path).status_code == 404
    assert newcomer.get(path).status_code == 401
    assert desk.browser.post(path, data={"file": (io.BytesIO(edited.bytes()), "a.docx")}).status_code == 403


@pytest.mark.parametrize("sent", ["", "{}", "[]", '{"kind":"odd","ref":"a","field":"text"}', "\x00"])
def test_a_form_that_is_not_ours_is_refused(desk, edited, sent):
    edited.say(SAID, BETTER, everywhere=True)
    form = differences(bring(desk, edited.bytes()))
    form.fields["difference-0"] = sent.replace("\x00", "~")
    assert desk.browser.send(form, to=f"{desk.front}/returned", all="1").status_code == 400


def test_a_ref_that_is_nobodys_changes_nothing(desk, edited):
    edited.say(SAID, BETTER, everywhere=True)
    form = differences(bring(desk, edited.bytes()))
    sent = form.fields["difference-0"]
    ref = msgspec.json.decode(sent)["ref"]
    for field in ("text", "introduction", "title", "lead"):
        form.fields["difference-0"] = sent.replace(ref, "a" * 16).replace('"text"', f'"{field}"')
        answer = desk.browser.send(form, to=f"{desk.front}/returned", all="1")
        assert "could not be taken over" in desk.browser.get(answer.location).text
    assert desk.texts() == [SAID, OTHER]


def test_what_was_filled_in_for_a_small_step_is_agreed_as_on_the_console(desk, room):
    step = command("agree_step", what="Ring back within a day", lead="The ward clerk")
    room.facilitator.send(step)
    edited = taken_away(desk)
    edited.say("The ward clerk", "The night team", everywhere=True)
    page = take(desk, edited, 0)
    assert "1 difference was taken over." in page
    [told] = room.facilitator.snapshot("console")["steps"]
    assert (told["lead"], told["what"]) == ("The night team", "Ring back within a day")


def test_what_the_console_changed_meanwhile_stays_as_it_is_there(desk, room):
    step = command("agree_step", what="Ring back within a day", lead="The ward clerk")
    room.facilitator.send(step)
    edited = taken_away(desk)
    edited.say("The ward clerk", "The night team", everywhere=True)
    room.facilitator.send(command("revise_step", step=step["id"], lead="The day team"))
    page = bring(desk, edited.bytes())
    assert "changed on the console since the file was made" in page.text
    desk.browser.send(differences(page), to=f"{desk.front}/returned", all="1")
    [told] = room.facilitator.snapshot("console")["steps"]
    assert told["lead"] == "The day team"
