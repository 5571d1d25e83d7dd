"""What plain forms add to commands: where they lead, what they keep, and what a page gone back to may do."""

import pytest

from tests.cafe.conftest import command, form_in, forms_in, said_by

JSON = {"Accept": "application/json"}


def mine_of(browser, room) -> dict[str, int]:
    """The dots that this browser's seat has set."""
    return browser.get(f"/s/{room.code}/snapshot?view=phone").json["votes"]["mine"]


def written(page: str) -> str:
    """What stands in the box for an idea."""
    return form_in(page, do="contribute").fields["text"].strip()


def test_a_choice_from_a_page_gone_back_to_is_meant_anew(room):
    idea = room.phone().post_idea()
    browser = room.participant()
    form = form_in(browser.get(f"/s/{room.code}").text, do="vote", target=idea)
    for dots in ("1", "1", "0", "1"):
        answer = browser.send(form, dots=dots)
        assert answer.status_code == 303
        assert answer.location.endswith(f"#my-choice-{idea}")
        assert mine_of(browser, room) == ({idea: 1} if dots == "1" else {})


def test_what_is_mine_stands_apart_from_what_everyone_sees(room):
    idea = room.phone().post_idea()
    chooser, other = room.participant(), room.participant()
    chooser.send(form_in(chooser.get(f"/s/{room.code}").text, do="vote", target=idea), dots="1")
    pages = [browser.get(f"/s/{room.code}").text for browser in (chooser, other)]
    assert ["Chosen by you" in page for page in pages] == [True, False]
    boards = [page[page.index('id="board"') : page.index('<form id="vote"')] for page in pages]
    assert boards[0] == boards[1]


def test_looking_again_keeps_what_is_half_written_and_its_id(room):
    browser = room.participant()
    form = form_in(browser.get(f"/s/{room.code}").text, do="contribute")
    answer = browser.send(form, look="1", text="Half a thought", kind="concern")
    assert answer.status_code == 200
    again = form_in(answer.text, do="contribute")
    assert written(answer.text) == "Half a thought"
    assert (again.fields["kind"], again.fields["id"]) == ("concern", form.fields["id"])
    assert not said_by(answer.text)
    assert room.facilitator.snapshot("console")["contributions"] == []


@pytest.mark.parametrize("bad", ["", "7", "x" * 36])
def test_looking_again_believes_no_id_that_is_none(room, bad):
    browser = room.participant()
    form = form_in(browser.get(f"/s/{room.code}").text, do="contribute")
    again = form_in(browser.send(form, look="1", id=bad).text, do="contribute")
    assert again.fields["id"] not in {bad, form.fields["id"]}


def test_what_a_form_did_is_said_until_the_room_goes_on(room):
    browser = room.participant()
    where = browser.write(room.code).location
    assert "It stands under" in browser.get(where).text
    room.facilitator.send(command("set_timer", seconds=60))
    assert "It stands under" not in browser.get(where).text


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 400])
def test_an_address_made_up_shows_the_page_all_the_same(room, after):
    browser = room.participant()
    assert browser.get(f"/s/{room.code}?after={after}&did=<b>").status_code == 200


def test_an_idea_of_long_ago_says_that_it_waits(in_stages):
    browser = in_stages.participant()
    answer = browser.write(in_stages.code, "From another morning", turn="999")
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "waiting for the facilitator" in page
    assert "Waiting for the facilitator" in page[page.index('id="my-cards"') :]


def test_new_words_sent_just_after_writing_has_ended_are_kept(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="post"))
    browser = in_stages.participant()
    browser.write(in_stages.code, "As it was")
    form = form_in(browser.get(f"/s/{in_stages.code}").text, do="reword")
    in_stages.facilitator.send(command("go_to_stage", stage="vote"))
    assert browser.send(form, text="As it should be").status_code == 303
    assert "As it should be" in browser.get(f"/s/{in_stages.code}").text


def test_a_form_drawn_for_another_seat_comes_back_with_its_words_and_can_be_sent(room):
    mine, other = room.participant(), room.participant()
    form = form_in(mine.get(f"/s/{room.code}").text, do="contribute")
    answer = other.send(form, text="Ours now", kind="question")
    assert answer.status_code == 403
    assert written(answer.text) == "Ours now"
    assert room.facilitator.snapshot("console")["contributions"] == []
    assert other.send(form_in(answer.text, do="contribute")).status_code == 303
    (card,) = room.facilitator.snapshot("console")["contributions"]
    assert (card["text"], card["kind"]) == ("Ours now", "question")


def test_another_site_gets_no_page_with_its_words_in(room):
    browser = room.participant()
    told = {"do": "contribute", "view": "phone", "text": "Planted"}
    answer = browser.post(f"/s/{room.code}/commands", data=told, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Planted" not in answer.text


def test_without_a_seat_the_words_come_back_with_the_way_in(room, newcomer):
    browser, stranger = room.participant(), newcomer
    form = form_in(browser.get(f"/s/{room.code}").text, do="contribute")
    answer = stranger.send(form, text="Not <b>lost</b>")
    assert answer.status_code == 401
    assert "Not &lt;b&gt;lost&lt;/b&gt;" in answer.text
    assert stranger.send(forms_in(answer.text)[0]).status_code == 303
    assert stranger.get(f"/s/{room.code}").status_code == 200


def test_leaving_twice_ends_on_the_way_in(room):
    browser = room.participant()
    form = form_in(browser.get(f"/s/{room.code}").text, do="leave")
    browser.send(form)
    answer = browser.send(form)
    assert answer.status_code == 401
    assert "You have left this session" in said_by(answer.text)


def test_a_fresh_seat_asked_for_from_an_old_page_can_be_asked_for_again(room):
    browser = room.participant()
    old = forms_in(browser.get(f"/j/{room.code}").text)[0]
    assert browser.send(old, fresh="1").status_code == 303
    answer = browser.send(old, fresh="1")
    assert answer.status_code == 403
    assert room.joined() == 2
    assert browser.send(forms_in(answer.text)[0], fresh="1").status_code == 303
    assert room.joined() == 3


def test_a_browser_that_comes_back_to_a_refused_form_is_led_to_its_page(room):
    path = f"/s/{room.code}/commands"
    assert room.participant().get(path).location == f"/s/{room.code}"
    assert room.console().get(path).location == f"/console/{room.code}"
    assert room.participant().get(path, headers=JSON).status_code == 405


def test_a_field_without_a_name_is_left_aside(room):
    browser = room.participant()
    form = form_in(browser.get(f"/s/{room.code}").text, do="contribute")
    fields = {**dict(form.form_values()), "text": "Ring back"}
    named = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    body = "".join(named) + "--b\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--b--\r\n"
    answer = browser.post(form.action, data=body.encode(), content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 303
    assert [each["text"] for each in room.facilitator.snapshot("console")["contributions"]] == ["Ring back"]
