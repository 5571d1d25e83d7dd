"""The guide as a web page: the same words in the same order as in Word, and nothing that a stranger could misuse."""

import io
import re
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise

import docx
import lxml.html
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from cafe.exports import FORMATS
from cafe.exports.plain import clean
from sessions.guide import KitExample, Line, Source, Voting
from tests.cafe.guides import HOSTILE, SILENT, action, chapter, guide, spoilt, written

HIDDEN = chapter(voting=Voting(shown=False, voted=5, dots_each=3), actions=(action("b"), action("a", ambitions=(1, 5))))
MANY = chapter(actions=tuple(action(f"Step {n}", rank=1, tied=True, dots=2, chosen_by=2) for n in range(8)))
GUIDES = {
    "a full guide": guide(),
    "an empty guide": guide(chapter(**SILENT), place="", organisation="", partners=(), sources=()),
    "before the reveal": guide(HIDDEN),
    "many in first place": guide(MANY, waiting=2),
    "several chapters": guide(chapter(), HIDDEN, chapter(name="Leadership", **SILENT), MANY, partners=("A", "B")),
    **{f"hostile words {number}": spoilt(text) for number, text in enumerate(HOSTILE)},
}


def page_of(made):
    return lxml.html.document_fromstring(written(made, "html").decode())


def parts_of(page):
    """The parts of a page that hold the document: all but the way about it."""
    return [page.find(f"body/{name}") for name in ("header", "main", "footer")]


def told_by_page(page):
    """Every word of the document in the page, in order."""
    return " ".join(" ".join("".join(part.itertext()).split()) for part in parts_of(page))


def told_by_word(file):
    """Every word of a Word file in order but its contents: paragraphs, tables' names too, and the foot of a page."""
    told = []
    for element in file.element.body.iter(qn("w:p"), qn("w:tblCaption")):
        if element.tag == qn("w:p"):
            paragraph = docx.text.paragraph.Paragraph(element, file)
            told.append("" if paragraph.style.name.lower().startswith("toc ") else paragraph.text)
        else:
            told.append(element.get(qn("w:val")))
    told.append(file.sections[0].footer.paragraphs[0].text)
    return " ".join(" ".join(told).split())


def word_of(made):
    return docx.Document(io.BytesIO(written(made, "docx")))


def some(strategy, most=3):
    return st.lists(strategy, max_size=most).map(tuple)


TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=80)
AMBITIONS = st.sets(st.integers(1, 6)).map(tuple)
TOLD = {"text": TEXTS, "ambitions": AMBITIONS, "verbatim": st.booleans(), "late": st.booleans()}
TOLD |= {"on_behalf": st.booleans(), "grouped_from": st.integers(1, 3), "wordings": some(TEXTS)}
COUNTED = {"rank": st.none() | st.integers(1, 9), "tied": st.booleans(), "dots": st.none() | st.integers(0, 40)}
COUNTED |= {"chosen_by": st.none() | st.integers(0, 40)}
ELSEWHERE = st.builds(
    KitExample, text=TEXTS, setting=TEXTS, evidence=TEXTS, source=st.integers(1, 2), ambitions=AMBITIONS
)
SOURCES = tuple(
    Source(number=number, title="Nights", authors="Vanan", locator="https://example.org/a?b=1&c") for number in (1, 2)
)


def lines(kind, **counted):
    return some(st.builds(Line, kind=st.just(kind), **TOLD, **counted))


@st.composite
def chapters(draw):
    shown = draw(st.booleans())
    counts = COUNTED if shown else {}
    return chapter(
        **{name: draw(TEXTS) for name in ("name", "question", "what")},
        foundation="access-24-7",
        number=6,
        ask=draw(some(TEXTS)),
        voting=Voting(
            shown=shown,
            live=draw(st.booleans()),
            **{name: draw(st.integers(0, 9)) for name in ("voted", "dots_each", "most_per_target")},
        ),
        took_part=draw(st.integers(0, 40)),
        posted=draw(st.integers(0, 40)),
        local_examples=draw(lines("example")),
        examples_elsewhere=draw(some(ELSEWHERE)),
        actions=draw(lines("action", **counts)),
        also_said=draw(lines("action", **counts)),
        concerns=draw(lines("concern")),
        questions=draw(lines("question")),
    )


COVERS = st.fixed_dictionaries(dict.fromkeys(("title", "organisation", "cafe", "host", "place", "purpose"), TEXTS))


@pytest.mark.parametrize("which", GUIDES)
def test_word_and_web_page_hold_the_same_words_in_the_same_order(which):
    page = told_by_page(page_of(GUIDES[which]))
    assert page == told_by_word(word_of(GUIDES[which]))
    assert len(page) > 800


@settings(max_examples=60, deadline=None)
@given(cover=COVERS, told=st.lists(chapters(), min_size=1, max_size=3), counts=some(st.integers(0, 3), 2))
def test_whatever_people_type_both_formats_say_the_same(cover, told, counts):
    made = guide(*told, sources=SOURCES, waiting=sum(counts), **cover)
    assert told_by_page(page_of(made)) == told_by_word(word_of(made))


@pytest.mark.parametrize("which", GUIDES)
def test_headings_have_the_same_words_and_levels(which):
    page, file = page_of(GUIDES[which]), word_of(GUIDES[which])
    levels = {"Title": 1, "Heading 1": 2, "Heading 2": 3, "Heading 3": 4}
    in_word = [(levels[p.style.name], p.text.split()) for p in file.paragraphs if p.style.name in levels]
    found = page.xpath("//*[self::header or self::main]//*[self::h1 or self::h2 or self::h3 or self::h4]")
    in_page = [(int(each.tag[1]), each.text_content().split()) for each in found]
    assert in_page == in_word
    assert [level for level, _ in in_page].count(1) == 1
    steps = pairwise(in_page)
    assert all(after <= before + 1 for (before, _), (after, _) in steps)


@pytest.mark.parametrize("which", GUIDES)
def test_tables_have_the_same_cells_and_say_what_names_a_column_and_a_row(which):
    page, file = page_of(GUIDES[which]), word_of(GUIDES[which])
    in_page = page.findall(".//table")
    assert len(in_page) == len(file.tables)
    for table, in_word in zip(in_page, file.tables, strict=True):
        rows = table.findall(".//tr")
        cells = [[cell.text_content().split() for cell in row.xpath("th|td")] for row in rows]
        assert cells == [[cell.text.split() for cell in row.cells] for row in in_word.rows]
        assert table.find("caption").text_content()
        assert {cell.get("scope") for cell in rows[0]} == {"col"}
        assert {cell.tag for cell in rows[0]} == {"th"}
        for row in rows[1:]:
            assert [cell.get("scope") for cell in row.findall("th")] == ["row"]


def test_the_page_says_what_it_is_and_has_its_landmarks():
    page = page_of(guide())
    assert page.get("lang") == "en-GB"
    assert (
        page.findtext("head/title") == "24/7 access: small steps for Northvale · Draft for local checking · edition 1"
    )
    assert [each.tag for each in page.find("body")] == ["a", "header", "nav", "main", "footer"]
    skip, target = page.find("body/a"), page.find("body/main")
    assert skip.get("href") == f"#{target.get('id')}"


@pytest.mark.parametrize("which", GUIDES)
def test_every_link_within_the_page_leads_somewhere_and_the_contents_name_every_section(which):
    page = page_of(GUIDES[which])
    names = page.xpath("//@id")
    assert len(names) == len(set(names))
    within = [link[1:] for link in page.xpath("//@href") if link.startswith("#")]
    assert set(within) <= set(names)
    contents = [link.text_content().split() for link in page.findall(".//nav//a")]
    assert contents == [each.text_content().split() for each in page.xpath("//main//h2 | //main//h3")]


def test_an_example_from_elsewhere_leads_to_its_source_and_the_source_to_where_it_is():
    source = Source(number=1, title="An advice line", authors="Vanan", year=2023, locator="https://example.org/a?b=1&c")
    page = page_of(guide(sources=(source,)))
    cited = page.xpath("//main//small/a")
    assert [(link.text, link.get("href")) for link in cited] == [("source 1", "#source-1")]
    entry = page.get_element_by_id("source-1")
    assert [link.get("href") for link in entry.iter("a")] == ["https://example.org/a?b=1&c"]
    assert entry.text_content() == "1 Vanan (2023). An advice line. https://example.org/a?b=1&c"


@pytest.mark.parametrize("which", GUIDES)
def test_the_page_is_whole_without_anything_else_and_lets_nothing_run(which):
    text = written(GUIDES[which], "html").decode()
    page = page_of(GUIDES[which])
    kinds = {each.tag for each in page.iter() if isinstance(each.tag, str)}
    assert not kinds & {"script", "link", "img", "iframe", "object", "embed", "form", "input", "base", "svg", "video"}
    attributes = {name for each in page.iter() for name in each.attrib}
    assert not {name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset"}}
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert not re.search(r"url\(|@import|@font-face|expression", style)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    before = text[: text.index("<style>")]
    assert "Content-Security-Policy" in before


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words_in_the_page(text):
    page = page_of(spoilt(text))
    kept = [each.text_content() for each in page.xpath("//*[@dir='auto']")]
    assert sum(clean(text) in words for words in kept) >= 12
    assert {each.tag for each in page.iter()} == {each.tag for each in page_of(spoilt("harmless")).iter()}


def test_what_people_typed_keeps_its_own_direction_and_its_lines():
    said = "اتصل بالعائلة\nring them"
    page = page_of(spoilt(said))
    holders = page.xpath("//*[contains(text(), 'ring them')]")
    typed = [each for each in holders if each.tag not in {"title", "style"} and not each.xpath("ancestor::nav")]
    assert len([each for each in typed if each.get("dir") == "auto" and each.text_content().count("\n") == 1]) >= 10
    assert "pre-line" in written(spoilt(said), "html").decode()


def test_the_foot_of_printed_pages_cannot_leave_its_quotes():
    foot = '"; } body { display: none } </style>'
    text = written(guide(organisation=foot), "html").decode()
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    [told] = re.findall(r'@bottom-left \{[^}]*content: "([^"]*)"', style)
    assert re.fullmatch(r"(\\[0-9a-f]+ )+", told)
    signs = "".join(chr(int(number, 16)) for number in re.findall(r"[0-9a-f]+", told))
    assert signs == f"{foot} · Draft for local checking · edition 1 · 4 March 2027"


def test_the_page_is_a_format_like_any_other():
    assert FORMATS["html"].media_type == "text/html"
    assert written(guide(), "html").startswith(b"<!doctype html>")
