"""The poster of the small steps: one page, whatever there is to tell, and no way in for whoever passes."""

import io
import re

import lxml.html
import pypdf
import pytest

from cafe.exports.poster import poster
from sessions.guide import SmallStep
from tests.cafe.conftest import cafe_of, planned
from tests.cafe.guides import HOSTILE, SILENT, chapter, guide, spoilt, written

STEP = SmallStep(
    what="Put the night number on every folder", lead="The ward clerk", by_when="End of May", how_we_know="Nobody asks"
)


def steps(number, step=STEP):
    return guide(chapter(steps=(step,) * number))


def pages_of(made):
    pytest.importorskip("typst", reason="the extra `pdf` is not installed")
    pages = pypdf.PdfReader(io.BytesIO(written(made, "poster.pdf"))).pages
    return [" ".join(page.extract_text().split()) for page in pages]


def page_of(made):
    return lxml.html.document_fromstring(written(made, "poster.html").decode())


@pytest.mark.parametrize("number", [1, 3, 7])
def test_steps_as_many_as_a_room_agrees_on_stand_on_one_page_in_both(number):
    [told] = pages_of(steps(number))
    page = page_of(steps(number))
    assert len(page.findall(".//li")) == told.count(STEP.what) == number
    for words in (
        "The ward clerk",
        "End of May",
        "Nobody asks",
        "Northvale Evidence Café",
        "3 March 2027",
        "24/7 access",
    ):
        assert words in told
        assert words in " ".join(page.text_content().split())
    assert "more in the guide" not in told


def test_what_does_not_fit_is_counted():
    [told] = pages_of(steps(60))
    shown = told.count(STEP.what)
    assert 5 <= shown < 60
    assert f"and {60 - shown} more in the guide" in told
    assert len(page_of(steps(60)).findall(".//li")) == 60


def test_a_step_that_was_stopped_is_the_guides_to_tell_of():
    stopped = SmallStep(what="Ring at noon", status="stopped")
    done = SmallStep(what="Ring at night", status="done")
    [told] = pages_of(guide(chapter(steps=(stopped, done))))
    assert "Ring at noon" not in told
    assert "How it stands: done" in told
    assert "and 1 more in the guide" in told
    assert page_of(guide(chapter(steps=(stopped, done)))).find(".//p[@class='more']").text == "and 1 more in the guide"


def test_of_several_chapters_each_step_says_which_it_is_for():
    made = guide(chapter(steps=(STEP,)), chapter(name="Leadership", steps=(STEP,)), chapter(name="Quiet", **SILENT))
    assert [each.about for each in poster(made).steps] == ["24/7 access", "Leadership"]
    [told] = pages_of(made)
    assert "Leadership" in told
    assert "Quiet" not in told


def test_without_a_step_it_asks_for_one():
    for told in (*pages_of(steps(0)), page_of(steps(0)).text_content()):
        assert "Which one could you begin with?" in told


@pytest.mark.parametrize("text", [*HOSTILE, "y" * 10_000, "ring them " * 1000, "\u200b", ""])
def test_hostile_words_leave_it_one_page_and_run_nothing(text):
    assert len(pages_of(spoilt(text))) == 1
    page = page_of(spoilt(text))
    kinds = {each.tag for each in page.iter() if isinstance(each.tag, str)}
    assert not kinds & {"script", "link", "img", "iframe", "object", "embed", "form", "input", "base", "svg", "a"}
    assert not {name for each in page.iter() for name in each.attrib if name.startswith("on") or name == "style"}


def test_it_has_no_link_and_a_structure():
    pytest.importorskip("typst", reason="the extra `pdf` is not installed")
    pdf = pypdf.PdfReader(io.BytesIO(written(steps(3), "poster.pdf")))
    assert not any(page.get("/Annots") for page in pdf.pages)
    assert [entry.title for entry in pdf.outline if not isinstance(entry, list)] == ["Our small steps"]
    assert re.search(r"pdfuaid:part(>|=\")1", pdf.trailer["/Root"]["/Metadata"].get_data().decode())


def test_the_desk_gives_it_in_both_forms_and_nothing_else(desk):
    guide_id = cafe_of(desk, planned(desk, agenda="together")).rpartition("/")[2]
    for form, begins in (("pdf", b"%PDF-1.7"), ("html", b"<!doctype html>")):
        answer = desk.get(f"/guides/{guide_id}/poster.{form}")
        assert answer.status_code == 200
        assert answer.data.startswith(begins)
        assert re.search(rf'filename="[\w.-]+\.{form}"', answer.headers["Content-Disposition"])
    assert desk.get(f"/guides/{guide_id}/poster.docx").status_code == 404


def test_where_no_pdf_can_be_made_a_sentence_says_what_to_take_instead(desk, monkeypatch):
    code = planned(desk, agenda="together")
    cafe = cafe_of(desk, code)
    monkeypatch.setattr("cafe.exports.find_spec", lambda _name: None)
    for path in (f"/s/{code}/guide.pdf", f"{cafe}/guide.pdf", f"/guides/{cafe.rpartition('/')[2]}/poster.pdf"):
        answer = desk.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 501
        assert "both can be saved as PDF" in answer.text
        told = desk.get(path, headers={"Accept": "application/json"})
        assert (told.status_code, told.json["code"]) == (501, "not_here")
    assert desk.get(f"{cafe}/guide.docx").status_code == 200
