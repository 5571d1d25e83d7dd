"""The guide desk by plain forms: what editors change, what people said beside it, and what a document then says."""

import json

import lxml.html
import pytest

from sessions import guides
from sessions.guide import to_json
from sessions.store import find_session
from tests.cafe.conftest import Session, cafe_of, command, desk_in, form_in, forms_in, planned

SAID = "Ring every new carer in the first week."
OTHER = "One number on every folder."
BETTER = "Ring every new carer within a week."


class Desk:
    """An editor's browser at the desk of one café's guide."""

    def __init__(self, room: Session):
        self.room = room
        self.browser = room.console()
        self.guide = cafe_of(self.browser, room.code).removeprefix("/cafes/")
        self.front = f"/guides/{self.guide}"
        self.chapter = f"{self.front}/chapters/co-design"

    def page(self, path: str | None = None) -> lxml.html.HtmlElement:
        answer = self.browser.get(path or self.chapter)
        assert answer.status_code == 200, answer.text
        return lxml.html.document_fromstring(answer.text)

    def line(self, words: str):
        """The line that says this now."""
        [found] = self.page().xpath(
            "//li[contains(@class, 'entry')][p[contains(@class, 'words')] = $words]", words=words
        )
        return found

    def ref(self, words: str) -> str:
        return self.line(words).get("id").removeprefix("line-")

    def box(self, words: str):
        """The form to reword a line with."""
        return next(form for form in self.line(words).xpath(".//form"))

    def press(self, name: str, value: str, path: str | None = None):
        form = form_in(self.browser.get(path or self.chapter).text)
        [act] = self.page(path).xpath("//form[@id='act']")
        assert act.getroottree().xpath("//button[@form='act'][@name=$n][@value=$v]", n=name, v=value), (name, value)
        return self.browser.send(act, to=path or self.chapter, **{name: value}), form

    def save(self, form, **typed):
        return self.browser.send(form, to=self.chapter, **typed)

    def texts(self, name: str = "actions") -> list[str]:
        """What a list of the guide says, as it goes out."""
        return [line["text"] for line in self.json()["chapters"][0][name]]

    def json(self) -> dict:
        """The guide as it goes out, without the process that every file is made by."""
        with self.room.app.extensions["cafe"].store.reading() as db:
            organisation = find_session(db, self.room.code).organisation_id
            return json.loads(to_json(guides.drawn(db, guides.find(db, organisation, self.guide))))


@pytest.fixture
def desk(room) -> Desk:
    return Desk(room)


@pytest.fixture
def said(room) -> list[str]:
    phone = room.phone()
    return [phone.post_idea(SAID, kind="action"), phone.post_idea(OTHER, kind="action")]


@pytest.fixture
def desk_two(app):
    browser = desk_in(app)
    return browser, [planned(browser, place="Northvale", title=f"Café {n}") for n in (1, 2)]


def test_the_cafes_guide_has_a_desk(desk, said):
    assert desk.browser.get(f"/cafes/{desk.guide}/guide").location == desk.front
    page = desk.page(desk.front)
    assert page.xpath("//h1")[0].text.startswith("Co-design")
    assert page.xpath(f"//a[@href='{desk.chapter}']")
    assert page.xpath(f"//a[@href='{desk.front}/guide.docx']")


def test_nobody_else_sees_the_desk(desk, said, another, newcomer):
    stranger = another.console()
    for path in (desk.front, desk.chapter, f"/cafes/{desk.guide}/guide", f"{desk.front}/guide.json"):
        assert stranger.get(path).status_code == 404
        assert newcomer.get(path).status_code == 401
    form = desk.box(SAID)
    assert stranger.send(form, to=desk.chapter, words=BETTER).status_code in {403, 404}
    assert desk.texts() == [SAID, OTHER]


def test_a_reworded_line_goes_out_and_keeps_what_people_said_beside_it(desk, said):
    answer = desk.save(desk.box(SAID), words=BETTER)
    assert answer.status_code == 303
    ref = desk.ref(BETTER)
    assert answer.location == f"{desk.chapter}?at={ref}&did=saved#line-{ref}"
    assert desk.texts() == [BETTER, OTHER]
    [line] = [each for each in desk.json()["chapters"][0]["actions"] if each["ref"] == ref]
    assert (line["original"], line["verbatim"]) == (SAID, False)
    text = desk.line(BETTER).text_content()
    assert "People said:" in text
    assert SAID in text
    assert "Saved." in desk.page(answer.location).xpath("string(//*[@role='status'])")


def test_a_line_goes_back_to_what_people_said(desk, said):
    desk.save(desk.box(SAID), words=BETTER)
    desk.save(desk.box(BETTER), original="1")
    assert desk.texts() == [SAID, OTHER]
    assert desk.json()["chapters"][0]["actions"][0]["verbatim"]
    assert BETTER in desk.line(SAID).text_content()  # among the earlier versions


def test_saving_what_stands_there_changes_nothing(desk, said):
    assert "did=same" in desk.save(desk.box(SAID)).location
    assert desk.page().xpath("//details[@class='earlier']") == []


@pytest.mark.parametrize(
    ("typed", "sentence"), [("  ", "Write a few words"), ("x" * 2001, "This is too long: 2,000 characters at most.")]
)
def test_words_that_cannot_be_taken_come_back(desk, said, typed, sentence):
    answer = desk.save(desk.box(SAID), words=typed)
    page = lxml.html.document_fromstring(answer.text)
    assert sentence in page.xpath("string(//*[@id='typing-error'])")
    [box] = page.xpath("//details[@open]//textarea[@id='typing']")
    assert box.text.lstrip("\n") == typed
    assert desk.texts() == [SAID, OTHER]


def test_two_editors_on_one_line_keep_both_versions_and_someone_chooses(desk, said, room):
    second = Desk(room)
    mine, theirs = desk.box(SAID), second.box(SAID)
    desk.save(mine, words="My words")
    answer = second.save(theirs, words="Their words")
    assert "did=beside" in answer.location
    assert desk.texts() == ["My words", OTHER]
    text = desk.line("My words").text_content()
    assert "Their words" in text
    assert "1 choice to make" in desk.page(desk.front).text_content()
    [button] = desk.line("My words").xpath(".//li[contains(., 'Their words')]//button[@name='choose']")
    desk.press("choose", button.get("value"))
    assert desk.texts() == ["Their words", OTHER]
    assert "My words" in desk.line("Their words").xpath("string(.//details[@class='earlier'])")


def test_a_line_that_is_left_out_stays_listed_and_comes_back(desk, said):
    ref = desk.ref(SAID)
    desk.press("out", ref)
    assert desk.texts() == [OTHER]
    assert desk.json()["left_out"] == 1
    assert SAID in desk.page().xpath("string(//details[@class='out'])")
    desk.press("in", ref)
    assert desk.texts() == [SAID, OTHER]


def test_lines_move_one_place_at_a_time(desk, said, room):
    room.phone().post_idea("A third", kind="action")
    third = desk.ref("A third")
    answer, _ = desk.press("up", third)
    assert answer.location.endswith(f"#up-{third}")
    assert desk.texts() == [SAID, "A third", OTHER]
    desk.press("up", third)
    desk.press("down", desk.ref(SAID))
    assert desk.texts() == ["A third", OTHER, SAID]
    desk.press("up", third)  # it is the first already
    assert desk.texts() == ["A third", OTHER, SAID]


def test_an_editor_adds_a_line_and_the_guide_says_so(desk, said):
    [form] = [
        form for form in forms_in(desk.browser.get(desk.chapter).text) if form.fields.get("list") == "local_examples"
    ]
    answer = desk.save(form, words="A rota on the fridge")
    assert "did=added" in answer.location
    [line] = desk.json()["chapters"][0]["local_examples"]
    assert (line["text"], line["added"], line["kind"]) == ("A rota on the fridge", True, "example")
    assert "Added by the editors" in desk.line("A rota on the fridge").text_content()
    desk.save(desk.box("A rota on the fridge"), words="A rota on each fridge")
    assert desk.texts("local_examples") == ["A rota on each fridge"]


def test_an_example_from_elsewhere_is_left_out_and_its_source_with_it(desk, said):
    before = desk.json()
    refs = [example["ref"] for example in before["chapters"][0]["examples_elsewhere"]]
    for ref in refs[1:]:
        desk.press("out", ref)
    after = desk.json()
    assert [example["ref"] for example in after["chapters"][0]["examples_elsewhere"]] == refs[:1]
    assert [source["number"] for source in after["sources"]] == [1]
    assert len(before["sources"]) > 1


def test_what_the_whole_guide_says_is_the_editors(desk, said):
    form = form_in(desk.browser.get(desk.front).text, status="draft")
    answer = desk.browser.send(
        form, to=desk.front, title="Small steps in Northvale", aim="To ring sooner", missing="Night staff\n\nPharmacy ",
        status="checked", checked_by="The community leads", reader="commissioner", provenance="column",
    )  # fmt: skip
    assert answer.location == f"{desk.front}?at=guide&did=saved#saved"
    guide = desk.json()
    told = {name: guide[name] for name in ("title", "aim", "missing", "status", "checked_by", "reader", "provenance")}
    assert told == {
        "title": "Small steps in Northvale",
        "aim": "To ring sooner",
        "missing": ["Night staff", "Pharmacy"],
        "status": "checked",
        "checked_by": "The community leads",
        "reader": "commissioner",
        "provenance": "column",
    }
    again = dict(form_in(desk.browser.get(desk.front).text, status="checked").fields)
    assert again["missing"].split() == ["Night", "staff", "Pharmacy"]


def test_two_editors_who_fill_in_different_fields_both_have_their_way(desk, said, room):
    second = Desk(room)
    mine, theirs = (form_in(each.browser.get(each.front).text, status="draft") for each in (desk, second))
    desk.browser.send(mine, to=desk.front, aim="My aim")
    assert "did=saved" in second.browser.send(theirs, to=desk.front, asked="Their wish").location
    assert (desk.json()["aim"], desk.json()["asked"]) == ("My aim", "Their wish")


def test_a_guide_without_a_title_comes_back_with_everything_typed(desk, said):
    form = form_in(desk.browser.get(desk.front).text, status="draft")
    page = desk.browser.send(form, to=desk.front, title=" ", aim="To ring sooner").text
    assert "Give the guide a title." in page
    assert form_in(page, status="draft").fields["aim"].strip() == "To ring sooner"
    assert desk.json()["aim"] == ""


def test_a_chapter_has_an_introduction(desk, said):
    form = next(form for form in desk.page().xpath("//form") if set(form.fields) == {"csrf", "base", "words"})
    desk.save(form, words="How we came to this.")
    assert desk.json()["chapters"][0]["introduction"] == "How we came to this."


def test_words_taken_back_take_the_editors_with_them(desk, said, room):
    phone = room.phone()
    idea = phone.post_idea("Ask the clinic on the hill", kind="concern")
    desk.save(desk.box("Ask the clinic on the hill"), words="Ask that clinic")
    typing = desk.box("Ask that clinic")
    phone.send(command("withdraw", contribution=idea))
    page = desk.save(typing, words="Ask that other clinic").text
    assert "taken back meanwhile" in page
    assert (
        lxml.html.document_fromstring(page).xpath("string(//textarea[@id='kept'])").strip() == "Ask that other clinic"
    )
    assert desk.texts("concerns") == []
    with room.app.extensions["cafe"].store.reading() as db:
        kept = db.exec_driver_sql("SELECT words, made_of FROM edit WHERE field = 'text'").all()
    assert [tuple(row) for row in kept] == [("", "[]")]


def test_an_editor_never_overwrites_what_its_author_reworded_meanwhile(desk, said, room):
    phone = room.phone()
    idea = phone.post_idea("Five calls", kind="concern")
    typing = desk.box("Five calls")
    phone.send(command("reword", contribution=idea, text="Three calls"))
    page = desk.save(typing, words="Five calls or so").text
    assert "has changed since you began" in page
    assert desk.texts("concerns") == ["Three calls"]
    again = next(form for form in forms_in(page) if form.fields.get("words", "").strip() == "Five calls or so")
    desk.save(again)
    assert desk.texts("concerns") == ["Five calls or so"]


def test_an_edit_waits_for_a_look_when_people_are_quoted_otherwise_and_is_taken_up_again(desk, said, room):
    desk.save(desk.box(SAID), words=BETTER)
    room.facilitator.send(command("reword", contribution=said[0], text="Ring every carer."))
    assert desk.texts() == ["Ring every carer.", OTHER]
    waiting = desk.line("Ring every carer.")
    assert "their words are not used at present" in waiting.text_content()
    assert "1 choice to make" in desk.page(desk.front).text_content()
    desk.save(desk.box("Ring every carer."))
    assert desk.texts() == [BETTER, OTHER]
    assert "Ring every carer." in desk.line(BETTER).text_content()


def test_a_small_step_is_reworded_and_its_particulars_stay(desk, said, room):
    room.facilitator.send(command("agree_step", what="Order stickers", lead="The ward clerk"))
    desk.save(desk.box("Order stickers"), words="Order the stickers")
    [step] = desk.json()["chapters"][0]["steps"]
    assert (step["what"], step["original"], step["lead"]) == ("Order the stickers", "Order stickers", "The ward clerk")


def test_a_sessions_guide_has_the_cafes_edits(desk, said, room):
    desk.save(desk.box(SAID), words=BETTER)
    for path in (f"/s/{room.code}/guide.json", f"/cafes/{desk.guide}/guide.json"):
        assert desk.browser.get(path).json["chapters"][0]["actions"][0]["text"] == BETTER
    assert BETTER in desk.browser.get(f"{desk.front}/guide.html").text


def test_what_is_no_longer_there_is_said_kindly(desk, said):
    [act] = desk.page().xpath("//form[@id='act']")
    for form in (
        {"up": "nothing"},
        {"out": "nothing"},
        {"choose": "77 99"},
        {"choose": "x"},
        {"list": "actions", "words": "x"},
    ):
        answer = desk.browser.post(desk.chapter, data={"csrf": act.fields["csrf"], **form})
        assert answer.status_code == 200
        assert "no longer here" in answer.text


def test_several_cafes_make_one_guide_and_bring_their_wording_along(desk_two):
    browser, codes = desk_two
    page = browser.get("/guides").text
    form = next(form for form in forms_in(page) if "cafes" in form.fields)
    ids = [cafe_of(browser, code).removeprefix("/cafes/") for code in codes]
    assert "Choose two cafés or more" in browser.send(form, to="/guides", cafes=ids[0]).text
    answer = browser.send(form, to="/guides", cafes=ids)
    assert answer.status_code == 303
    guide = browser.get(f"{answer.location}/guide.json").json
    assert [chapter["foundation"] for chapter in guide["chapters"]] == ["co-design"]
    assert len(guide["chapters"][0]["sittings"]) == 2
    assert browser.send(form, to="/guides", cafes=ids).location == answer.location
    assert answer.location in browser.get("/guides").text
