"""Every format says the same, in the same order, from one guide; and no format can be made to do anything by words."""

import csv
import datetime
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from itertools import count

import docx
import lxml.html
import openpyxl
import pytest
from docx.oxml.ns import qn
from lxml import etree
from msgspec import structs

from bench import hostile
from cafe.exports import FORMATS
from cafe.exports.plain import clean
from cafe.exports.rows import LONGEST_CELL
from sessions.guide import Line, SmallStep
from tests.cafe.guides import HOSTILE, action, chapter, guide, written
from tests.cafe.office import converted

# Names and choices of ours, and what no document tells: nobody wrote them
KEPT = {"ref", "holds", "foundation", "kind", "share", "status", "reader", "provenance", "language", "rests_on"}
HELD = {name for name, it in FORMATS.items() if not it.missing()}
BOOKS = ("xlsx", "csv")


def marked(value, names):
    """The same with a mark of its own wherever there are words."""
    if isinstance(value, str):
        return next(names)
    if isinstance(value, tuple):
        return tuple(marked(each, names) for each in value)
    if hasattr(value, "__struct_fields__"):
        fields = {name: getattr(value, name) for name in value.__struct_fields__ if name not in KEPT}
        return structs.replace(value, **{name: marked(each, names) for name, each in fields.items() if each})
    return value


def full():
    """A guide that says something everywhere, each thing with a mark that stands nowhere else."""
    told = chapter(introduction="x", concerns=(line("concern"),), questions=(line("question"),), also_said=(line(),))
    made = guide(
        told,
        **dict.fromkeys(("introduction", "aim", "asked", "absent", "contact", "checked_by", "agreed_by"), "x"),
        partners=("x", "y"),
        missing=("x",),
    )
    return marked(made, (f"mk{number:04d}q" for number in count()))


def line(kind="action"):
    return Line(text="x", kind=kind, ref=f"ref{kind}", wordings=("x", "y"), grouped_from=3)


def told_by_word(data):
    body = docx.Document(io.BytesIO(data)).element.body
    return "\n".join("".join(each.itertext()) for each in body.iter(qn("w:p")))


def told_by_page(data):
    page = lxml.html.document_fromstring(data.decode())
    return "\n".join("".join(page.find(f"body/{name}").itertext()) for name in ("header", "main", "footer"))


def told_by_pdf(data):
    tool = shutil.which("pdftotext") or pytest.skip("pdftotext is not installed")
    return subprocess.run(
        [tool, "-raw", "-", "-"], input=data, capture_output=True, check=True, timeout=60
    ).stdout.decode()


def rows_of(data, form):
    """Every row of a spreadsheet, each with its sheet's name first."""
    if form == "csv":
        return [list(row) for row in csv.reader(io.StringIO(data.decode("utf-8-sig")))]
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [[sheet.title, *row] for sheet in book for row in sheet.iter_rows(values_only=True)]


def told_by(form, data):
    if form in BOOKS:
        return "\n".join(str(cell) for row in rows_of(data, form) for cell in row if cell is not None)
    read = {"docx": told_by_word, "html": told_by_page, "pdf": told_by_pdf}
    return read.get(form, bytes.decode)(data)


def marks(text):
    return list(dict.fromkeys(re.findall(r"mk\d{4}q", text)))


@pytest.mark.parametrize("provenance", ["notes", "column", "none"])
@pytest.mark.parametrize("form", sorted(HELD - {"docx", "json"}))
def test_every_format_says_what_the_word_file_says(form, provenance):
    made = structs.replace(full(), provenance=provenance)
    word, other = marks(told_by_word(written(made))), marks(told_by(form, written(made, form)))
    assert set(other) == set(word)
    question = made.chapters[0].sittings[0].question  # told where editors wrote no aim
    assert set(marks(written(made, "json").decode())) == {*word, question}


@pytest.mark.parametrize("form", sorted(HELD & {"html", "pdf"}))
def test_documents_to_read_say_it_in_the_same_order(form):
    made = full()
    assert marks(told_by(form, written(made, form))) == marks(told_by_word(written(made)))


@pytest.mark.parametrize("form", BOOKS)
def test_spreadsheets_hold_a_row_for_each_line_in_the_order_of_the_documents(form):
    made = full()
    head, *rows = rows_of(written(made, form), form)
    told = [row[list(head).index("In words")] for row in rows if row[0] == "Examples and ideas"]
    if form == "xlsx":
        told = [row[3] for row in rows if row[0] == "Examples and ideas"][1:]
    word = marks(told_by_word(written(made)))
    said = made.chapters[0]
    lines = (*said.local_examples, *said.examples_elsewhere, *said.actions, *said.concerns, *said.also_said)
    assert told == [each.text for each in (*lines, *said.questions)]
    assert sorted(told, key=word.index) == told


# What people write is words, whatever they write

MANY = 400


@pytest.fixture(scope="module")
def hostile_guide():
    return hostile.guide(MANY, 2)


def normal(text):
    """Words as every document holds them (`plain.clean`), but for white space, which each sets in its own way."""
    return re.sub(r"\s+", "", clean(text))


@pytest.mark.parametrize("form", ["docx", "html", "json"])
def test_every_word_that_means_harm_is_there_as_a_word(form, hostile_guide):
    told = written(hostile_guide, form)
    text = " ".join(strings(json.loads(told))) if form == "json" else told_by(form, told)
    found = normal(text)
    assert [number for number in range(MANY) if normal(hostile.said(number)) not in found] == []


@pytest.mark.parametrize("form", BOOKS)
def test_a_spreadsheet_holds_every_word_that_means_harm_and_no_formula(form, hostile_guide):
    cells = [str(cell) for row in rows_of(written(hostile_guide, form), form) for cell in row if cell is not None]
    found = normal("\n".join(cells))
    assert [number for number in range(MANY) if normal(hostile.said(number)) not in found] == []
    assert max(map(len, cells)) <= LONGEST_CELL + 1
    if form == "csv":
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r＝＋－＠")]


@pytest.mark.skipif("pdf" not in HELD, reason="the extra `pdf` is not installed")
def test_a_pdf_tells_every_contribution_from_its_first_word_to_its_last(hostile_guide):
    found = re.findall(r"mk\d{5}q?", re.sub(r"\s", "", told_by_pdf(written(hostile_guide, "pdf"))))
    assert set(found) == {f"{hostile.mark(number)}{end}" for number in range(MANY) for end in ("", "q")}


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_no_part_of_an_office_file_points_outside_or_computes(form, hostile_guide):
    with zipfile.ZipFile(io.BytesIO(written(hostile_guide, form))) as package:
        names = [name for name in package.namelist() if name.endswith((".xml", ".rels"))]
        parts = [etree.fromstring(package.read(name)) for name in names]
    elements = [each for part in parts for each in part.iter(etree.Element)]
    assert not [each.get("Target") for each in elements if each.get("TargetMode")]
    found = {etree.QName(each).localname for each in elements}
    assert not {"f", "dataValidation", "altChunk", "object", "attachedTemplate", "externalReference"} & found
    assert not [each for each in elements if etree.QName(each).localname == "hyperlink" and each.get(qn("r:id"))]
    cells = [each for each in elements if etree.QName(each).localname == "c" and form == "xlsx"]
    assert {each.get("t") for each in cells} <= {"s", None}


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_libreoffice_opens_a_file_full_of_harm(form, hostile_guide, tmp_path):
    file, to = (
        tmp_path / f"guide.{form}",
        {"docx": "txt:Text", "xlsx": "csv:Text - txt - csv (StarCalc):44,34,76"}[form],
    )
    file.write_bytes(written(hostile_guide, form))
    made = converted(file, to, tmp_path).read_text(encoding="utf-8-sig")
    found = set(re.findall(r"mk\d{5}q", made))
    steps = {f"{hostile.mark(int(step.ref[4:]))}q" for chapter in hostile_guide.chapters for step in chapter.steps}
    assert found >= (steps if form == "xlsx" else {f"{hostile.mark(number)}q" for number in range(MANY)})


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_of_comma_separated_values_is_never_taken_for_a_formula(text):
    steps = (SmallStep(what=text, ref="a"), SmallStep(what=f"={text}", ref="b"))
    rows = rows_of(written(guide(chapter(steps=steps)), "csv"), "csv")
    told = [row[3] for row in rows if row[0] == "Small steps"]
    assert told[1] == f"'={clean(text)}"
    assert told[0] in {clean(text), f"'{clean(text)}"}


# Workbooks


def test_what_is_too_long_for_a_cell_goes_on_beneath_it():
    text = "".join(f"{number:06d} 💐 " for number in range(4000))
    rows = rows_of(written(guide(chapter(actions=(action(text),))), "xlsx"), "xlsx")
    told = [row[3] for row in rows if row[0] == "Examples and ideas" and row[3] and "💐" in row[3]]
    assert "".join(told) == text
    assert all(len(each.encode("utf-16-le")) // 2 <= 32_767 for each in told)


def test_a_workbook_is_made_of_tables_with_headers_that_stay_in_sight():
    book = openpyxl.load_workbook(io.BytesIO(written(guide(), "xlsx")))
    assert book.sheetnames == ["Small steps", "Examples and ideas", "Where the actions fall", "About"]
    for sheet in book:
        (table,) = sheet.tables.values()
        assert table.ref == sheet.dimensions
        assert table.autoFilter is not None
        assert sheet.freeze_panes == "A2"
        assert all(cell.alignment.wrap_text for cell in sheet[1])
    assert book.properties.title == "24/7 access: small steps for Northvale"
    assert book.custom_doc_props["Language"].value == "en-GB"


def test_figures_are_numbers_and_days_are_days_to_sort_and_count():
    step = SmallStep(what="Ring", review_on=datetime.date(2027, 6, 1))
    book = openpyxl.load_workbook(io.BytesIO(written(guide(chapter(steps=(step,))), "xlsx")))
    by_title = {cell.value: cell.column for cell in book["Small steps"][1]}
    assert book["Small steps"].cell(2, by_title["Look again on"]).value == datetime.datetime(2027, 6, 1)
    said = book["Examples and ideas"]
    by_title = {cell.value: cell.column for cell in said[1]}
    assert said.cell(4, by_title["Dots"]).value == 11
    assert (said.cell(4, by_title["Chosen by"]).value, said.cell(4, by_title["Of how many voting"]).value) == (11, 18)


def test_a_guide_in_which_nothing_was_said_still_makes_every_sheet():
    silent = chapter(
        steps=(), local_examples=(), examples_elsewhere=(), actions=(), also_said=(), concerns=(), questions=()
    )
    for form in BOOKS:
        assert "No small step was agreed yet." in told_by(form, written(guide(silent), form))


def test_the_same_guide_makes_the_same_spreadsheet():
    for form in BOOKS:
        assert written(guide(), form) == written(guide(), form)


@pytest.mark.skipif(not os.environ.get("CI"), reason="a machine may do without the extra `pdf`")
def test_where_everything_is_checked_every_format_can_be_made():
    assert set(FORMATS) == HELD
