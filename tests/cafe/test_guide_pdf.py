"""The guide as a PDF: a real structure, every word in order, on A4, and nothing that a stranger could misuse."""

import io
import os
import re
import shutil
import subprocess
from typing import get_args

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cafe.exports import blocks
from cafe.exports.outline import outline
from cafe.exports.plain import on_paper
from cafe.exports.typst.typesetter import HERE
from tests.cafe.guides import HOSTILE, SILENT, action, chapter, guide, spoilt, written

pytest.importorskip("typst", reason="the extra `pdf` is not installed")

MANY = chapter(actions=tuple(action(f"Ring carer number {n} in the first week", rank=n, dots=1) for n in range(1, 90)))
GUIDES = {
    "a full guide": guide(),
    "an empty guide": guide(chapter(**SILENT), place="", organisation="", partners=(), sources=()),
    "a long guide": guide(MANY, chapter(name="Leadership", **SILENT)),
}
each_guide = pytest.mark.parametrize("which", GUIDES)
MILLIMETRE = 72 / 25.4


def pdf_of(made):
    return pypdf.PdfReader(io.BytesIO(written(made, "pdf")))


def squeezed(text):
    """A text without what a line's end may have added or taken."""
    return re.sub(r"\s+", "", text)


def poppler(made, tmp_path, *options):
    """What poppler's pdftotext tells of a guide's PDF."""
    tool = shutil.which("pdftotext")
    if tool is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("poppler (pdftotext) is not installed here")
    file = tmp_path / "guide.pdf"
    file.write_bytes(written(made, "pdf"))
    return subprocess.run([tool, *options, file, "-"], capture_output=True, check=True).stdout.decode()


def told_by_pdf(made, tmp_path):
    """Every word in the file in the order in which it was written, but for what runs above and below each page."""
    left, top, width, height = (str(int(each * MILLIMETRE)) for each in (0, 20, 210, 256))
    return poppler(made, tmp_path, "-raw", "-x", left, "-y", top, "-W", width, "-H", height)


def words_of(document):
    """Every text of a document in its order."""
    yield from (document.status, document.title)
    for label, words in document.facts:
        yield from (label, words)
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            yield from words_of_block(block)


def words_of_block(block):
    match block:
        case blocks.Sentence(text, label):
            yield from (label, text)
        case blocks.Heading(text, _, aside):
            yield from (text, aside)
        case blocks.Note(text):
            yield text
        case blocks.Prompts(texts):
            yield from texts
        case blocks.Bullets(items):
            for item in items:
                yield from (item.text, item.aside, item.cites.words if item.cites else "", *item.wordings)
        case blocks.Table(caption, columns, rows):
            yield from (caption, *(column.title for column in columns))
            for row in rows:
                for cell in row:
                    yield from (cell.text, cell.aside)
        case blocks.Sources(entries):
            for number, text in entries:
                yield from (str(number), text)


def structure(pdf):
    """Every kind of element in the tree of tags, in order."""
    found = []

    def walk(node):
        node = node.get_object()
        if isinstance(node, pypdf.generic.ArrayObject):
            for each in node:
                walk(each)
        elif isinstance(node, pypdf.generic.DictionaryObject):
            if "/S" in node:
                found.append(node["/S"])
            if "/K" in node:
                walk(node["/K"])

    walk(pdf.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


@each_guide
def test_it_says_that_it_keeps_to_the_standard_and_in_which_language(which):
    pdf = pdf_of(GUIDES[which])
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    about = root["/Metadata"].get_data().decode()
    assert re.search(r"<pdfuaid:part>1</pdfuaid:part>|pdfuaid:part=\"1\"", about)
    assert pdf.metadata.title == GUIDES[which].title


@each_guide
def test_headings_lists_and_tables_are_what_they_look_like(which):
    tags = structure(pdf_of(GUIDES[which]))
    drawn = outline(GUIDES[which])
    kinds = [block for section in drawn.sections for block in section.blocks]
    headings = [block for block in kinds if isinstance(block, blocks.Heading)]
    tables = [block for block in kinds if isinstance(block, blocks.Table)]
    assert tags.count("/H1") == len(drawn.sections) + 1  # and the contents
    assert tags.count("/H2") == sum(block.level == 2 for block in headings)
    assert tags.count("/H3") == sum(block.level == 3 for block in headings)
    assert tags.count("/Table") == tags.count("/Caption") == len(tables)
    assert tags.count("/TH") == sum(len(table.columns) for table in tables)
    assert tags.count("/TD") == sum(len(table.columns) * len(table.rows) for table in tables)
    assert "/TOC" in tags
    assert "/Figure" not in tags


@each_guide
def test_every_section_is_in_the_bookmarks_and_in_the_contents_with_its_page(which, tmp_path):
    pdf = pdf_of(GUIDES[which])
    marked = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    drawn = outline(GUIDES[which])
    assert [title for title in marked if title != "Contents"] == [section.title for section in drawn.sections]
    told = told_by_pdf(GUIDES[which], tmp_path)
    for entry in pdf.outline:
        if isinstance(entry, list) or entry.title in {"Contents", "In short"}:
            continue
        page = pdf.get_destination_page_number(entry) + 1
        assert re.search(rf"{re.escape(entry.title)}[ .]*\u2060?{page}\n", told), entry.title


@each_guide
def test_every_word_is_there_in_its_order(which, tmp_path):
    told = squeezed(told_by_pdf(GUIDES[which], tmp_path))
    contents = told.index("Contents")
    behind = 0
    for text in words_of(outline(GUIDES[which])):
        found = told.find(squeezed(on_paper(text)), behind)
        assert found >= 0, (text, told[behind : behind + 200])
        behind = found + len(squeezed(on_paper(text)))
    assert behind > contents


@pytest.mark.parametrize(
    "text", [*HOSTILE, "y" * 10_000, "ring them " * 1000, "Z\u0351\u036b\u0313\u032aalgo", "#[x] $y$ *z* _a_"]
)
def test_hostile_words_stay_words(text, tmp_path):
    told = squeezed(told_by_pdf(spoilt(text), tmp_path))
    assert told.count(squeezed(on_paper(text))[:1900]) >= 12


@pytest.mark.parametrize("text", ["x" * 400, "Communications " * 20, "https://example.org/" + "a/b?c=" * 60, "W" * 40])
def test_no_word_leaves_the_page(text, tmp_path):
    boxes = poppler(spoilt(text), tmp_path, "-bbox")
    words = re.findall(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"', boxes)
    assert len(words) > 100
    assert min(float(left) for left, _ in words) >= 20 * MILLIMETRE - 1
    assert max(float(right) for _, right in words) <= 190 * MILLIMETRE + 1


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(), max_size=60))
def test_whatever_people_type_there_is_a_file_that_keeps_to_the_standard(text):
    assert len(pdf_of(spoilt(text)).pages) >= 2


def test_right_to_left_and_signs_without_a_shape_can_still_be_copied(tmp_path):
    said = "اتصل بالعائلة 🙂 中"
    told = told_by_pdf(guide(chapter(concerns=(action(said),))), tmp_path)
    assert set(said.split()) <= set(re.sub("[\u202a-\u202e]", "", told).split())


def test_what_people_send_most_has_a_shape():
    def fonts(said):
        pages = pdf_of(guide(chapter(concerns=(action(said),)))).pages
        return {str(font.get_object()["/BaseFont"]) for page in pages for font in page["/Resources"]["/Font"].values()}

    framed = {name for name in fonts("a cuneiform sign 𒐫") if "AnySign" in name}
    assert framed
    for said in ("🙂 🙏 ❤️ 👍🏽 💐", "ŵ ŷ â ï", "Привет γεια", "اتصل שלום"):
        assert not any("AnySign" in name for name in fonts(said)), said


def test_a_long_table_names_its_columns_on_every_page():
    pages = [page.extract_text() for page in pdf_of(GUIDES["a long guide"]).pages]
    with_actions = [text for text in pages if "Ring carer number" in text and "of the board" not in text]
    assert len(with_actions) >= 3
    assert all("Ambitions" in text for text in with_actions)


def test_every_page_says_whose_it_is_and_how_many_there_are():
    pages = [page.extract_text() for page in pdf_of(GUIDES["a long guide"]).pages]
    for number, text in enumerate(pages, 1):
        assert "Northvale Hospice · Draft for local checking · edition 1 · 4 March 2027" in text
        assert f"Page {number} of {len(pages)}" in text
    assert all("24/7 access: small steps for Northvale" in text for text in pages)


def links(pdf):
    return [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]


def test_the_file_runs_nothing_and_leads_to_nothing_outside():
    pdf = pdf_of(spoilt("https://example.org/tracker"))
    assert links(pdf)
    assert {link.get("/A", {}).get("/S", "/GoTo") for link in links(pdf)} == {"/GoTo"}
    root = pdf.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert not {"/JavaScript", "/EmbeddedFiles"} & set(root.get("/Names", {}))


def test_a_source_is_one_step_from_where_it_is_cited():
    cited, uncited = guide(), guide(sources=())
    contents = sum(len(section.headings()) + 1 for section in outline(cited).sections)
    assert len(links(pdf_of(cited))) == contents + 1
    assert len(links(pdf_of(uncited))) == contents


def test_the_same_guide_makes_the_same_file():
    assert written(guide(), "pdf") == written(guide(), "pdf")


def test_every_kind_of_block_has_its_drawing():
    drawn = (HERE / "guide.typ").read_text()
    [table] = re.findall(r"#let draw = \((.*?)\n\)", drawn, re.DOTALL)
    assert set(re.findall(r"(\w+): \w+", table)) == {kind.__name__ for kind in get_args(blocks.Block)}
