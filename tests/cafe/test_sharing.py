"""Sharing back with the project team: what leaves is what the preview shows, looked at first, edition by edition."""

import io
import json
import zipfile

import lxml.html
import pytest

from tests.cafe.conftest import Session, command, contribute, forms_in, said_by

OURS, THEIRS, ANYONES = "Only for our own guide", "For the project team too", "For anyone to read"
NAMED = "Mrs Unmistakable waited nine days"


@pytest.fixture
def shared(room: Session) -> Session:
    """A room with an idea for each choice."""
    phone = room.phone()
    for text, share in ((OURS, "local"), (THEIRS, "team"), (ANYONES, "open"), ("Between us", "room")):
        phone.post_idea(text, share=share)
    return room


@pytest.fixture
def cafe(shared: Session) -> str:
    return cafe_with(shared)


def cafe_with(room: Session) -> str:
    page = room.console().get("/cafes").text
    return next(
        link
        for link in lxml.html.document_fromstring(page).xpath("//a/@href")
        if link.startswith("/cafes/") and len(link) == 43
    )


def words_in(page: str, where: str) -> str:
    return " ".join(lxml.html.document_fromstring(page).xpath(f"string({where})").split())


def unpacked(answer) -> tuple[str, dict]:
    """The note and the data in the file that left."""
    assert (answer.status_code, answer.mimetype) == (200, "application/zip"), answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert file.testzip() is None
        assert file.namelist() == ["READ ME FIRST.txt", "bundle.json"]
        return file.read("READ ME FIRST.txt").decode(), json.loads(file.read("bundle.json"))


def form_to(page: str, where: str):
    """The form on a page that goes to an address ending like this."""
    return next(form for form in forms_in(page) if str(form.get("action")).endswith(where))


def make(room: Session, cafe: str, **typed):
    """Press the one button."""
    console = room.console()
    return console.send(form_to(console.get(f"{cafe}/share").text, "/bundle"), **typed)


def said(bundle: dict) -> set[str]:
    lists = ("examples", "actions", "also_said", "concerns", "questions")
    return {line["text"] for session in bundle["sessions"] for name in lists for line in session[name]}


def test_only_what_was_shared_with_the_team_or_anyone_leaves(shared, cafe):
    answer = shared.facilitator.get(f"{cafe}/bundle?for=team")
    note, bundle = unpacked(answer)
    assert said(bundle) == {THEIRS, ANYONES}
    assert OURS.encode() not in answer.data
    assert b"Between us" not in answer.data
    assert {line["share"] for line in bundle["sessions"][0]["actions"]} == {"team", "open"}
    assert bundle["stays"] == {
        "room": 1,
        "local": 1,
        "waiting": 0,
        "off_the_board": 0,
        "titles": 0,
        "steps": 0,
        "answers": 0,
    }
    assert "1 idea is for the room only." in note


def test_how_people_were_asked_goes_with_it(shared, cafe):
    note, bundle = unpacked(shared.facilitator.get(f"{cafe}/bundle?for=team"))
    told = " ".join(note.split())
    [asked] = bundle["consent"]
    assert (asked["version"], bundle["sessions"][0]["consent"]) == ("2", "2")
    page = shared.participant().get(f"/s/{shared.code}").text
    for choice in asked["choices"].values():
        assert choice["words"] in page
        assert choice["means"] in page
        assert f"- {choice['words']}: {choice['means']}" in told
    assert "Version 2, in use since 24 November 2026" in told


def test_the_same_cafe_gives_the_same_bytes(shared, cafe):
    once, again = (shared.facilitator.get(f"{cafe}/bundle?for=team").data for _ in range(2))
    assert once == again
    handed = [make(shared, cafe).data for _ in range(2)]
    assert handed[0] == handed[1] == shared.facilitator.get(f"{cafe}/bundle?for=team").data


def test_nothing_else_can_be_asked_for_and_nobody_else_can_ask(shared, another, cafe):
    for path in (f"{cafe}/bundle", f"{cafe}/bundle?for=move", f"{cafe}/bundle?for=me"):
        assert shared.facilitator.get(path).status_code == 404
    for stranger in (another.facilitator, shared.screen, shared.phone()):
        for path in (f"{cafe}/bundle?for=team", f"{cafe}/share"):
            assert stranger.get(path).status_code in {401, 404}


# The preview


def test_the_preview_shows_what_leaves_and_counts_what_stays(shared, cafe):
    page = shared.console().get(f"{cafe}/share").text
    leaves, stays = (words_in(page, f"//section[@aria-labelledby='{each}']") for each in ("leaves", "stays"))
    assert THEIRS in leaves
    assert ANYONES in leaves
    assert OURS not in page
    assert "1 idea is for the room only." in stays
    assert "1 idea is for the local guide only." in stays


def test_the_button_makes_the_file_that_the_preview_showed(shared, cafe):
    console = shared.console()
    before = console.get(f"{cafe}/share").text
    assert "Edition 1" in before
    note, bundle = unpacked(make(shared, cafe))
    assert (bundle["edition"], said(bundle)) == (1, {THEIRS, ANYONES})
    assert "This is edition 1, handed out on" in note
    assert "handed out on" in words_in(console.get(f"{cafe}/share").text, "//*[@id='making']")


def test_looking_hands_nothing_out(shared, cafe):
    for _ in range(2):
        note, bundle = unpacked(shared.facilitator.get(f"{cafe}/bundle?for=team"))
        assert (bundle["edition"], bundle["handed_out"]) == (1, None)
    assert "It has not been handed out." in note
    assert "Nothing yet." in words_in(shared.console().get(f"{cafe}/share").text, "//section[@aria-labelledby='stays']")


# Editions


def test_what_is_told_later_goes_in_the_next_edition(shared, cafe):
    step = command("agree_step", what="Ring back", share="team")
    shared.facilitator.send(step)
    make(shared, cafe)
    shared.facilitator.send(command("check_in", step=step["id"], status="under_way", note="Half of them"))
    note, bundle = unpacked(make(shared, cafe))
    assert (bundle["edition"], bundle["since"]["moved"], bundle["since"]["new"]) == (2, 1, 0)
    assert bundle["sessions"][0]["steps"][0]["told"][0]["note"] == "Half of them"
    assert "It takes the place of edition 1" in note
    assert "Changed since edition 1: 1 small step that moved on." in " ".join(note.split())
    assert max(map(len, note.splitlines())) <= 78


def test_words_taken_back_are_gone_and_the_editions_that_hold_them_are_listed(room):
    phone = room.phone()
    idea = phone.post_idea(THEIRS, share="team")
    cafe = cafe_with(room)
    make(room, cafe)
    phone.send(command("withdraw", contribution=idea))
    console = room.console()
    assert "Holds something that was taken back" in console.get(f"{cafe}/share").text
    answer = make(room, cafe)
    assert THEIRS.encode() not in answer.data
    assert unpacked(answer)[1]["since"]["taken_back"] == 1
    page = console.get(f"{cafe}/share").text
    assert page.count("Holds something that was taken back") == 1


def test_an_idea_has_the_same_id_in_every_edition(shared, cafe):
    ids = []
    for number in range(2):
        _, bundle = unpacked(make(shared, cafe))
        ids.append({line["text"]: line["ref"] for line in bundle["sessions"][0]["actions"]})
        shared.phone().post_idea(f"More {number}", share="team")
    assert ids[0].items() <= ids[1].items()


# A look first


def test_what_people_wrote_is_looked_at_first(shared, cafe):
    (held,) = shared.phone().send(contribute(NAMED, share="team"))
    for answer in (
        shared.facilitator.get(f"{cafe}/bundle?for=team"),
        shared.console().get(f"{cafe}/share"),
    ):
        assert answer.status_code == 409
        assert NAMED not in answer.text
    asked = shared.console().get(f"{cafe}/bundle?for=team", headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json["code"]) == (409, "look_first")
    shared.facilitator.send(command("hide", contribution=held["id"]))
    assert shared.facilitator.get(f"{cafe}/bundle?for=team").status_code == 200


def test_what_facilitators_wrote_goes_once_someone_says_that_it_may(shared, cafe):
    shared.facilitator.send(command("agree_step", what=NAMED, share="team"))
    console = shared.console()
    page = console.get(f"{cafe}/share")
    assert NAMED in words_in(page.text, "//*[@id='doubtful']")
    assert console.get(f"{cafe}/bundle?for=team").status_code == 409
    refused = make(shared, cafe)
    assert refused.status_code == 409
    assert "Have a look at it first" in said_by(refused.text)
    looked = lxml.html.document_fromstring(page.text).xpath("string(//input[@name='looked']/@value)")
    assert NAMED in str(unpacked(make(shared, cafe, looked=looked))[1])


def test_a_look_at_some_words_is_no_look_at_others(shared, cafe):
    shared.facilitator.send(command("agree_step", what=NAMED, share="team"))
    console = shared.console()
    form = form_to(console.get(f"{cafe}/share").text, "/bundle")
    shared.facilitator.send(command("agree_step", what="Ask Mr Unmistakable", share="team"))
    looked = form.inputs["looked"].get("value")
    assert console.send(form, looked=looked).status_code == 409


def test_a_step_that_stays_needs_no_look(shared, cafe):
    shared.facilitator.send(command("agree_step", what=NAMED, share="local"))
    assert NAMED.encode() not in shared.facilitator.get(f"{cafe}/bundle?for=team").data
    assert make(shared, cafe).status_code == 200


# The local guide's editions, at the desk


def desk(cafe: str) -> str:
    return cafe.replace("/cafes/", "/guides/")


def hand_out(room: Session, cafe: str):
    console = room.console()
    return console.send(form_to(console.get(desk(cafe)).text, "/editions"))


def test_a_guide_says_preview_until_it_is_handed_out(shared, cafe):
    assert "preview of edition 1" in shared.facilitator.get(f"{cafe}/guide.html").text
    answer = hand_out(shared, cafe)
    assert (answer.status_code, answer.location) == (303, f"{desk(cafe)}#editions")
    guide = shared.facilitator.get(f"{cafe}/guide.html").text
    assert "edition 1" in guide
    assert "preview" not in guide
    assert "handed out on" in words_in(shared.console().get(desk(cafe)).text, "//*[@id='editions']")


def test_what_changed_since_stands_in_the_next_guide(shared, cafe):
    hand_out(shared, cafe)
    shared.phone().post_idea("A new idea")
    guide = shared.facilitator.get(f"{cafe}/guide.json").json
    assert (guide["edition"], guide["since"]["new"]) == (2, ["A new idea"])
    told = words_in(shared.console().get(desk(cafe)).text, "//*[@id='editions']")
    assert "Changed since edition 1: 1 new." in told


def test_a_guide_is_not_handed_out_before_someone_has_looked(shared, cafe):
    console = shared.console()
    form = form_to(console.get(desk(cafe)).text, "/editions")
    shared.phone().send(contribute(NAMED))
    assert console.send(form).status_code == 409
    assert "preview" not in str(console.get(desk(cafe)).status_code)
    assert "handed out on" not in console.get(desk(cafe)).text
