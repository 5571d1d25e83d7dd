"""Commands by POST: batches from programs, plain forms from browsers, and whatever else arrives."""

import json
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sessions.commands import COMMANDS
from tests.cafe.conftest import (
    Browser,
    Program,
    Session,
    close,
    command,
    contribute,
    form_in,
    forms_in,
    fresh_id,
    opened_in,
    planned,
    said_by,
    vote,
)

STATUSES = {"applied", "repeated", "held", "refused", "retry"}
CODES = {
    "unknown_command", "bad_field", "empty", "too_long", "wrong_stage", "not_allowed", "no_such_target",
    "over_budget", "id_reused", "erased", "stale", "session_closed",
}  # fmt: skip
NOBODY = "00000000-0000-4000-8000-000000000000"


def texts(snapshot: dict) -> list[str]:
    return [card["text"] for card in snapshot["contributions"]]


# Batches


def test_a_batch_is_carried_out_in_order_and_answers_for_each(room):
    phone = room.phone()
    before = phone.snapshot("phone")["rev"]
    first, second = contribute("First"), contribute("Second")
    answer = phone.batch(first, vote(first["id"]), second).json
    assert set(answer) == {"epoch", "head", "results"}
    assert [each["id"] for each in answer["results"]][::2] == [first["id"], second["id"]]
    assert [(each["status"], each["rev"]) for each in answer["results"]] == [
        ("applied", before + 1),
        ("applied", before + 2),
        ("applied", before + 3),
    ]
    assert answer["head"] == before + 3
    assert answer["epoch"] == room.opened.epoch
    assert texts(phone.snapshot("phone")) == ["First", "Second"]


def test_a_refused_command_does_not_stop_those_behind_it(room):
    results = room.phone().send(contribute("One"), vote(NOBODY), command("dance"), contribute(" "), contribute("Two"))
    assert [each["status"] for each in results] == ["applied", "refused", "refused", "refused", "applied"]
    assert [each.get("code") for each in results] == [None, "no_such_target", "unknown_command", "empty", None]
    assert all(each["say"] for each in results if each["status"] == "refused")


def test_only_what_was_applied_raises_the_revision(room):
    phone = room.phone()
    before = phone.snapshot("phone")
    phone.send(vote(NOBODY), contribute(""), contribute("x" * 2001), command("hide", contribution=NOBODY))
    assert phone.snapshot("phone") == before


def test_the_same_batch_again_changes_nothing(room):
    phone = room.phone()
    first = contribute()
    batch = [first, vote(first["id"])]
    applied = phone.send(*batch)
    before = phone.snapshot("phone")
    repeated = phone.send(*batch)
    assert [each["status"] for each in repeated] == ["repeated", "repeated"]
    assert [each["rev"] for each in repeated] == [each["rev"] for each in applied]
    assert phone.snapshot("phone") == before


def test_the_same_id_twice_in_one_batch_makes_one_contribution(room):
    phone = room.phone()
    once = contribute()
    first, second, third = phone.send(once, once, {**once, "text": "Something else"})
    assert (first["status"], second["status"]) == ("applied", "repeated")
    assert (third["status"], third["code"]) == ("refused", "id_reused")
    assert len(phone.snapshot("phone")["contributions"]) == 1


def test_an_id_that_somebody_else_used_is_refused(room):
    once = contribute("Mine")
    room.phone().send(once)
    (result,) = room.phone().send({**once, "text": "Not mine"})
    assert (result["status"], result["code"]) == ("refused", "id_reused")
    assert texts(room.facilitator.snapshot("console")) == ["Mine"]


def test_a_refused_command_is_judged_afresh_when_it_comes_again(in_stages):
    phone = in_stages.phone()
    early = contribute()
    assert phone.send(early)[0]["code"] == "wrong_stage"
    in_stages.facilitator.send(command("go_to_stage", stage="post"))
    assert phone.send(early)[0]["status"] == "applied"


def test_dots_beyond_the_budget_are_refused_with_a_sentence(room):
    phone = room.phone()
    ideas = [phone.post_idea(f"Idea {n}") for n in range(4)]
    results = phone.send(*(vote(idea) for idea in ideas))
    assert [each["status"] for each in results] == ["applied"] * 3 + ["refused"]
    assert results[-1]["code"] == "over_budget"
    assert "%" not in results[-1]["say"]


def test_twenty_commands_are_a_batch_and_twenty_one_are_not(room):
    phone = room.phone()
    assert len(phone.send(*(contribute(f"Idea {n}") for n in range(20)))) == 20
    assert phone.batch(*(contribute() for _ in range(21))).status_code == 400


@pytest.mark.parametrize("body", [[], {}, {"commands": []}, {"commands": {}}, {"commands": [[]]}, None, "x", 5, True])
def test_a_body_that_is_no_batch_is_refused(room, body):
    answer = room.phone().post(f"/s/{room.code}/commands", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json) == {"code", "say"}


def test_nothing_may_stand_beside_the_commands(room):
    answer = room.phone().post(f"/s/{room.code}/commands", json={"commands": [contribute()], "seat": 1})
    assert answer.status_code == 400


A_GOOD_ID = "7b1f6f4e-3c6a-4f8e-9d53-2b0c1a5e8f70"


@pytest.mark.parametrize(
    "bad",
    [
        None, "", "7", 7, [], {}, A_GOOD_ID.upper(), A_GOOD_ID[:-1], A_GOOD_ID + "\n", f"{{{A_GOOD_ID}}}",
        A_GOOD_ID.replace("-4f8e", "-1f8e"), A_GOOD_ID.replace("-", ""), A_GOOD_ID.replace("7b", "٧b"),
    ],
)  # fmt: skip
def test_one_bad_id_refuses_the_whole_batch(room, bad):
    phone = room.phone()
    answer = phone.batch(contribute(), {**contribute(), "id": bad})
    assert answer.status_code == 400
    assert phone.snapshot("phone")["contributions"] == []


def test_64_kib_are_taken_and_more_is_413(room):
    phone, path = room.phone(), f"/s/{room.code}/commands"
    body = json.dumps({"commands": [contribute()]}).encode()
    full = body + b" " * (64 * 1024 - len(body))
    assert phone.post(path, data=full, content_type="application/json").status_code == 200
    answer = phone.post(path, data=full + b" ", content_type="application/json")
    assert answer.status_code == 413
    assert answer.json["code"] == "too_large"


def test_a_form_beyond_64_kib_is_413_too(room):
    browser = room.participant()
    answer = browser.write(room.code, "x" * 70_000)
    assert answer.status_code == 413


def test_two_thousand_characters_are_taken_and_more_is_refused_with_both_numbers(room):
    phone = room.phone()
    assert phone.send(contribute("é" * 2000))[0]["status"] == "applied"
    (result,) = phone.send(contribute("é" * 2001))
    assert result["code"] == "too_long"
    assert "2001" in result["say"]
    assert "2000" in result["say"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"not json", b"\xff\xfe\xfd", b'{"commands": NaN}', b'{"commands": [Infinity]}', b"\x00",
        b"[" * 60_000, b'{"commands":' * 5_000, b"9" * 5_000, b'"\\ud800"', b"{}{}", "ünï".encode("utf-16"),
        b'{"commands": [{"id": "%s", "do": "vote", "dots": NaN}]}' % fresh_id().encode(),
        b'{"commands": [{"id": "%s", "do": "vote", "dots": -Infinity}]}' % fresh_id().encode(),
        b'{"commands": [{"id": "%s", "do": "vote", "dots": 1e999}]}' % fresh_id().encode(),
        b'{"commands": [{"id": "%s", "do": "vote", "dots": %s}]}' % (fresh_id().encode(), b"9" * 101),
        b'{"commands": [{"id": "%s", "do": "pass", "do": "pass"}]}' % fresh_id().encode(),
        b'{"commands": [{"id": "%s", "do": "contribute", "text": [[[[[[]]]]]]}]}' % fresh_id().encode(),
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_is_400_and_never_our_fault(room, body):
    answer = room.phone().post(f"/s/{room.code}/commands", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json) == {"code", "say"}


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/x-www-form-urlencoded"])
def test_json_under_another_name_is_never_our_fault(room, kind):
    body = json.dumps({"commands": [contribute()]})
    answer = room.phone().post(f"/s/{room.code}/commands", data=body, content_type=kind)
    assert answer.status_code in {200, 400}


def test_a_nested_field_within_reason_is_refused_by_itself(room):
    deep: object = [[[[["x"]]]]]
    results = room.phone().send({**contribute(), "text": deep}, contribute("Fine"))
    assert [each.get("code") for each in results] == ["bad_field", None]


def test_numbers_too_large_to_be_numbers_are_refused_by_themselves(room):
    body = json.dumps({"commands": [contribute(), vote(NOBODY)]})
    for number in ("9" * 100, "-1", "1.5", "1e3"):
        answer = room.phone().post(
            f"/s/{room.code}/commands",
            data=body.replace('"dots": 1', f'"dots": {number}'),
            content_type="application/json",
        )
        assert answer.status_code == 200, number
        assert answer.json["results"][1]["status"] == "refused"


def test_unknown_fields_are_refused_by_name(room):
    (result,) = room.phone().send({**contribute(), "seat": 1})
    assert result["code"] == "bad_field"
    assert "seat" in result["say"]


def test_words_that_no_document_could_hold_are_cleaned_on_the_way_in(room):
    phone = room.phone()
    phone.post_idea("before\x00\x07\x0b\x1b\ufffe\ud800\u202eafter")
    assert texts(phone.snapshot("phone")) == ["beforeafter"]


# Who may


def test_without_a_credential_commands_are_401(room, app):
    path = f"/s/{room.code}/commands"
    answer = app.test_client().post(path, json={"commands": [contribute()]})
    assert answer.status_code == 401
    assert answer.json["code"] == "no_seat"
    assert app.test_client().post(path, data={"id": fresh_id(), "do": "leave"}).status_code == 401
    nobody = Program(app, room.code, "AAAAAAAAAAAAAAAAAAAAAA")
    assert nobody.batch(contribute()).status_code == 401
    assert nobody.changes("phone").status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "bearer  \x01", "Bearer é"])
def test_a_header_that_carries_no_token_is_401(room, app, header):
    answer = app.test_client().get(f"/s/{room.code}/snapshot", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_bearer_token_counts_and_not_the_cookies_beside_it(room):
    browser = room.participant()
    answer = browser.get(f"/s/{room.code}/snapshot", headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == 401


def test_a_view_the_credential_may_not_have_is_404(room):
    phone, facilitator, screen = room.phone(), room.facilitator, room.screen
    for someone, views in ((phone, ("console", "screen")), (facilitator, ("phone",)), (screen, ("phone", "console"))):
        for view in (*views, "nonsense", "Phone", "drop table"):
            assert someone.changes(view).status_code == 404, view
            assert someone.get(f"/s/{room.code}/snapshot?view={view}").status_code == 404
            assert someone.batch(contribute(), view=view).status_code == 404
    assert room.facilitator.snapshot("console")["contributions"] == []


def test_the_project_team_has_no_view_of_a_session(room, app):
    team = Program(app, room.code, room.opened.team_token)
    for view in ("", "?view=phone", "?view=console", "?view=screen"):
        assert team.get(f"/s/{room.code}/snapshot{view}").status_code == 404
    assert team.get(f"/console/{room.code}").status_code == 404
    assert team.get("/cafes").status_code == 401


def test_the_screen_has_no_powers(room):
    results = room.screen.send(contribute(), vote(NOBODY), command("go_to_stage", stage="together"), command("leave"))
    assert {each["code"] for each in results} == {"not_allowed"}


def test_a_phone_has_none_of_the_facilitators_powers(room):
    phone = room.phone()
    idea = phone.post_idea()
    results = phone.send(
        command("hide", contribution=idea),
        command("show", contribution=idea),
        command("go_to_stage", stage="together"),
        command("lock_joining", locked=True),
        command("set_timer", seconds=60),
        command("close_stage"),
        command("reopen_stage"),
        command("join"),
        contribute("For somebody else", on_behalf=True),
    )
    assert {each["code"] for each in results} == {"not_allowed"}


def test_with_several_cookies_the_view_says_whose_they_are(room):
    browser = room.console()
    assert browser.join(room.code).status_code == 303
    path = f"/s/{room.code}/snapshot"
    assert "mine" in browser.get(path).json["votes"]  # left out: the seat's
    assert "mine" in browser.get(f"{path}?view=phone").json["votes"]
    assert "mine" not in browser.get(f"{path}?view=console").json["votes"]
    assert "mine" not in browser.get(f"{path}?view=screen").json["votes"]


def test_nobody_takes_back_somebody_elses_words(room):
    author, other = room.phone(), room.phone()
    idea = author.post_idea("Mine")
    for do, fields in (("withdraw", {}), ("reword", {"text": "Yours"}), ("set_sharing", {"share": "open"})):
        (result,) = other.send(command(do, contribution=idea, **fields))
        assert (result["status"], result["code"]) == ("refused", "not_allowed"), do
    (card,) = room.facilitator.snapshot("console")["contributions"]
    assert (card["text"], card["share"], card["state"]) == ("Mine", "local", "shown")


def test_nobody_can_tell_that_somebody_else_has_a_draft(room):
    author, other = room.phone(), room.phone()
    draft = author.post_idea("Not ready", draft=True)
    for do in ("withdraw", "publish"):
        (of_a_draft,), (of_nothing,) = (other.send(command(do, contribution=which)) for which in (draft, fresh_id()))
        assert {**of_a_draft, "id": ""} == {**of_nothing, "id": ""}


def test_taken_back_words_cannot_come_back(room):
    phone = room.phone()
    idea = contribute("Too much")
    phone.send(idea)
    phone.send(command("withdraw", contribution=idea["id"]))
    (result,) = phone.send(idea)
    assert (result["status"], result["code"]) == ("refused", "erased")
    assert "Too much" not in room.facilitator.get(f"/s/{room.code}/snapshot").text


def test_the_answer_keeps_to_the_protocols_words(room):
    phone = room.phone()
    batch = [command(do) for do in COMMANDS] + [contribute(), command("nonsense")]
    for result in phone.send(*batch[:20]):
        assert result["status"] in STATUSES
        assert result.get("code") in {None, *CODES}
        assert ("rev" in result) == (result["status"] in {"applied", "repeated", "held"})


def test_what_was_decided_on_an_older_sight_is_stale(room):
    phone = room.phone()
    idea = phone.post_idea()
    seen = phone.snapshot("phone")["rev"]
    room.facilitator.send(command("reword", contribution=idea, text="In other words"))
    assert phone.send({**vote(idea), "base": seen})[0]["code"] == "stale"
    assert phone.send({**vote(idea), "base": seen + 1})[0]["status"] == "applied"


# Plain forms


def test_a_form_sent_is_a_contribution_and_leads_back(room):
    browser = room.participant()
    answer = browser.write(room.code, "By hand", kind="concern", ambitions=["1", "6"], share="team")
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, f"/s/{room.code}")
    (card,) = room.facilitator.snapshot("console")["contributions"]
    assert (card["text"], card["kind"], card["ambitions"], card["share"]) == ("By hand", "concern", [1, 6], "team")
    assert "By hand" in browser.get(answer.location).text


def test_a_form_sent_twice_makes_one_contribution(room):
    browser = room.participant()
    form = form_in(browser.get(f"/s/{room.code}").text, do="contribute")
    assert browser.send(form, text="Once").status_code == 303
    assert browser.send(form, text="Once").status_code == 303
    assert texts(room.facilitator.snapshot("console")) == ["Once"]


def test_a_form_used_again_with_other_words_keeps_them_and_gets_a_fresh_id(room):
    browser = room.participant()
    form = form_in(browser.get(f"/s/{room.code}").text, do="contribute")
    browser.send(form, text="First words")
    answer = browser.send(form, text="Second words")
    assert answer.status_code == 200
    assert said_by(answer.text)
    again = form_in(answer.text, do="contribute")
    assert again.fields["text"].strip() == "Second words"
    assert again.fields["id"] != form.fields["id"]
    assert browser.send(again).status_code == 303
    assert texts(room.facilitator.snapshot("console")) == ["First words", "Second words"]


def test_a_refused_form_shows_the_sentence_and_keeps_the_words_and_choices(in_stages):
    browser = in_stages.participant()
    form = form_in(browser.get(f"/s/{in_stages.code}").text, do="contribute")
    answer = browser.send(form, text="Too <early>\n& keen", kind="question", share="room")
    assert answer.status_code == 200
    assert "The room is doing something else" in said_by(answer.text)
    again = form_in(answer.text, do="contribute")
    assert again.fields["text"].strip() == "Too <early>\n& keen"
    assert (again.fields["kind"], again.fields["share"]) == ("question", "room")
    assert again.fields["id"] != form.fields["id"]


def test_a_refused_form_keeps_every_choice(in_stages):
    answer = in_stages.participant().write(in_stages.code, "Early", ambitions=["2", "5"], rests_on="research")
    checked = re.findall(r'name="ambitions" value="(\w+)"[^>]* checked', answer.text)
    assert checked == ["2", "5"]
    assert re.findall(r'<option value="(\w*)" selected', answer.text) == ["research"]


def test_a_refused_form_that_gave_new_words_keeps_them(room):
    browser = room.participant()
    browser.write(room.code, "As it was")
    form = form_in(browser.get(f"/s/{room.code}").text, do="reword")
    answer = browser.send(form, text="As it should be " * 200)
    assert answer.status_code == 200
    assert "there is room for 2000" in said_by(answer.text)
    assert "As it should be As it should be" in answer.text


def test_an_empty_form_is_refused_with_a_kind_sentence(room):
    answer = room.participant().write(room.code, "  \n ")
    assert answer.status_code == 200
    assert "There are no words here yet" in said_by(answer.text)


def test_dots_are_set_and_taken_back_by_form(room):
    idea = room.phone().post_idea()
    browser = room.participant()
    for form, dots in (("vote", 1), ("unvote", 0)):
        page = browser.get(f"/s/{room.code}").text
        (wanted,) = (each for each in forms_in(page) if each.get("id") == form)
        assert browser.send(wanted, target=idea).status_code == 303
        assert browser.get(f"/s/{room.code}/snapshot?view=phone").json["votes"]["mine"] == ({idea: 1} if dots else {})


def test_one_takes_ones_own_words_back_by_form(room):
    browser = room.participant()
    browser.write(room.code, "Perhaps not")
    assert browser.send(form_in(browser.get(f"/s/{room.code}").text, do="withdraw")).status_code == 303
    assert "Perhaps not" not in browser.get(f"/s/{room.code}").text
    assert "Perhaps not" not in room.facilitator.get(f"/s/{room.code}/snapshot").text


def test_a_draft_is_sent_later_by_form(room):
    browser, other = room.participant(), room.phone()
    browser.write(room.code, "Nearly ready", draft="true")
    assert texts(other.snapshot("phone")) == []
    assert browser.send(form_in(browser.get(f"/s/{room.code}").text, do="publish")).status_code == 303
    assert texts(other.snapshot("phone")) == ["Nearly ready"]


def test_leaving_forgets_the_cookie_and_keeps_the_words(room):
    browser = room.participant()
    browser.write(room.code, "I was here")
    answer = browser.send(form_in(browser.get(f"/s/{room.code}").text, do="leave"))
    assert (answer.status_code, answer.location) == (303, f"/j/{room.code}")
    assert browser.cookie(f"seat-{room.code}") is None
    assert texts(room.facilitator.snapshot("console")) == ["I was here"]
    assert browser.get(f"/s/{room.code}").location == f"/j/{room.code}"


def test_the_facilitator_works_by_form_too(room):
    idea = room.phone().post_idea()
    browser = room.console()
    page = browser.get(f"/console/{room.code}").text
    answer = browser.send(form_in(page, do="hide"), contribution=idea)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, f"/console/{room.code}")
    (card,) = room.facilitator.snapshot("console")["contributions"]
    assert card["state"] == "hidden"


def test_a_refused_form_of_the_facilitator_shows_the_console_with_the_sentence(room):
    author, browser = room.phone(), room.console()
    idea = author.post_idea()
    form = form_in(browser.get(f"/console/{room.code}").text, do="hide")
    author.send(command("withdraw", contribution=idea))
    answer = browser.send(form, contribution=idea)
    assert answer.status_code == 200
    assert "no longer here" in said_by(answer.text)
    assert 'data-view="console"' in answer.text


def test_a_form_without_a_good_id_is_400(room):
    browser = room.participant()
    form = form_in(browser.get(f"/s/{room.code}").text, do="contribute")
    for bad in ("", "7", fresh_id().upper()):
        assert browser.send(form, text="x", id=bad).status_code == 400


# Forms and pages of somebody else's


def test_a_form_without_its_token_is_403_on_a_kind_page(room):
    browser = room.participant()
    form = form_in(browser.get(f"/s/{room.code}").text, do="contribute")
    for bad in ("", "x", "é", "0" * 64):
        answer = browser.send(form, text="Forged", csrf=bad)
        assert answer.status_code == 403
        assert answer.mimetype == "text/html"
        assert "Please send it once more" in answer.text
    assert texts(room.facilitator.snapshot("console")) == []


def test_one_seats_token_is_worth_nothing_to_another(room):
    mine, other = room.participant(), room.participant()
    form = form_in(mine.get(f"/s/{room.code}").text, do="contribute")
    assert other.send(form, text="Forged").status_code == 403


def test_every_form_of_a_signed_in_page_needs_its_token(desk):
    code = planned(desk)
    for page in ("/cafes/new", f"/console/{code}"):
        for form in forms_in(desk.get(page).text):
            if form.method == "POST" and not (form.get("action") or page).endswith("/sign-out"):
                assert desk.send(form, to=page, csrf="").status_code == 403, form.get("action")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:1", "http://localhost.evil.example"]
)
def test_json_from_another_origin_with_a_cookie_is_403(room, origin):
    browser = room.participant()
    answer = browser.post(
        f"/s/{room.code}/commands", json={"commands": [contribute("Forged")]}, headers={"Origin": origin}
    )
    assert answer.status_code == 403
    assert answer.json["code"] == "forged"
    assert texts(room.facilitator.snapshot("console")) == []


def test_json_that_a_browser_calls_cross_site_is_403(room):
    browser, told = room.participant(), {"commands": [contribute("Forged")]}
    answer = browser.post(f"/s/{room.code}/commands", json=told, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_json_dressed_up_as_text_with_a_cookie_is_403(room):
    answer = room.participant().post(
        f"/s/{room.code}/commands", data=json.dumps({"commands": [contribute("Forged")]}), content_type="text/plain"
    )
    assert answer.status_code == 403
    assert texts(room.facilitator.snapshot("console")) == []


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "//", "x" * 5000])
def test_an_origin_that_is_no_origin_is_403(room, origin):
    browser, told = room.participant(), {"commands": [contribute("Forged")]}
    answer = browser.post(f"/s/{room.code}/commands", json=told, headers={"Origin": origin})
    assert answer.status_code == 403


def test_json_of_our_own_pages_needs_no_token(room):
    told = {"commands": [contribute("Ours")]}
    answer = room.participant().post(
        f"/s/{room.code}/commands?view=phone", json=told, headers={"Origin": "http://localhost"}
    )
    assert answer.json["results"][0]["status"] == "applied"


def test_a_bearer_token_needs_no_other_from_any_origin(room):
    phone = room.phone()
    answer = phone.client.post(
        f"/s/{room.code}/commands",
        data={"id": fresh_id(), "do": "contribute", "text": "By a program"},
        headers={**phone.headers, "Origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 303
    assert texts(phone.snapshot("phone")) == ["By a program"]


# After the café has closed


def test_after_closing_words_can_be_taken_back_and_nothing_added(desk, app):
    code = planned(desk, agenda="together")
    browser = Browser(app)
    browser.join(code)
    browser.write(code, "To keep")
    browser.write(code, "To take back")
    forms = [form for form in forms_in(browser.get(f"/s/{code}").text) if form.fields.get("do") == "withdraw"]
    close(desk, code)
    answer = browser.write(code, "Too late")
    assert answer.status_code == 200
    assert "This café has closed" in said_by(answer.text)
    assert "Too late" in form_in(answer.text, do="contribute").fields["text"]
    assert browser.send(forms[-1]).status_code == 303
    page = browser.get(f"/s/{code}").text
    assert "To keep" in page
    assert "To take back" not in page


# Anything at all

IDEA = "the id of an idea that is there"
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters())
    | st.sampled_from(
        [IDEA, "", "action", "team", "together", NOBODY, NOBODY + "\n", "\ud800", "%(x)s", "%", "{{7*7}}"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
FIELDS = sorted({field for kind in COMMANDS.values() for field in kind.__struct_fields__} - {"id"})
MESSAGES = st.fixed_dictionaries(
    {"do": st.sampled_from(sorted(COMMANDS)) | JSON_VALUES},
    optional=dict.fromkeys([*FIELDS, "do ", "é", "\ud800", "a%sb"], JSON_VALUES),
)
FORM_VALUES = st.text(max_size=12) | st.sampled_from([IDEA, "true", "0", "-1", "1", "9" * 30, "action", "\x00"])
FORMS = st.dictionaries(
    st.sampled_from([*FIELDS, "unknown"]), FORM_VALUES | st.lists(FORM_VALUES, max_size=3), max_size=5
)
anything = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def with_an_idea(app):
    """A fresh session, its facilitator, and someone who has posted an idea with this id."""
    room = Session(app, opened_in(app.extensions["cafe"].store))
    author = room.phone()
    return room, author, author.post_idea()


@given(messages=st.lists(MESSAGES, min_size=1, max_size=8), as_facilitator=st.booleans())
@anything
@example(messages=[{"do": "vote", "target": IDEA, "dots": 2**70}], as_facilitator=False)
@example(messages=[{"do": "vote", "target": NOBODY + "\n", "dots": 1}], as_facilitator=False)
@example(messages=[{"do": "go_to_stage", "stage": "\ud800"}], as_facilitator=True)
@example(messages=[{"do": "contribute", "text": "\ud800"}], as_facilitator=False)
@example(messages=[{"do": "contribute", "text": "x", "\ud800": 1}], as_facilitator=False)
@example(messages=[{"do": "contribute", "text": "x", "a%sb": 1}], as_facilitator=False)
def test_no_value_in_any_field_is_ever_our_fault(app, messages, as_facilitator):
    room, author, idea = with_an_idea(app)
    someone, view = (room.facilitator, "console") if as_facilitator else (author, "phone")
    found = [{name: idea if value == IDEA else value for name, value in each.items()} for each in messages]
    batch = [{"id": fresh_id(), **each} for each in found]
    before = [room.facilitator.snapshot("console"), author.snapshot("phone")]
    results = someone.send(*batch)
    assert [each["id"] for each in results] == [each["id"] for each in batch]
    for result in results:
        assert result["status"] in {"applied", "refused"}
        assert result.get("code") in {None, *CODES}
    after = [room.facilitator.snapshot("console"), author.snapshot("phone")]
    applied = sum(each["status"] == "applied" for each in results)
    assert after[0]["rev"] == before[0]["rev"] + applied
    assert applied or after == before
    assert someone.changes(view).status_code == 200


@given(do=st.sampled_from(sorted(COMMANDS)) | FORM_VALUES, told=FORMS, as_facilitator=st.booleans())
@anything
def test_no_form_is_ever_our_fault(app, do, told, as_facilitator):
    room, author, idea = with_an_idea(app)
    someone, view = (room.facilitator, "console") if as_facilitator else (author, "phone")
    found = {name: idea if value == IDEA else value for name, value in told.items()}
    form = {**found, "do": do, "id": fresh_id(), "view": view}
    assert someone.post(f"/s/{room.code}/commands", data=form).status_code in {200, 303}


@given(body=st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
@anything
def test_no_body_is_ever_our_fault(room, body):
    for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = room.facilitator.post(f"/s/{room.code}/commands", data=body, content_type=kind)
        assert answer.status_code == 400
