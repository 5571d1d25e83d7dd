"""The documents in Welsh: every sentence has its translation, and each format is written in the guide's language."""

import datetime
import io
from string import Formatter

import docx
import lxml.html
import msgspec
import openpyxl
import pypdf
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from cafe.exports import FORMATS, catalogue, wording
from cafe.exports.rows import sheets
from cafe.exports.xlsx import LONGEST_NAME
from tests.cafe.conftest import cafe_of, forms_in
from tests.cafe.guides import guide, written
from tests.cafe.returning import Edited, with_refs

SAID = "The number on every folder"
WELSH = guide(language="cy")
ROOT = catalogue.WELSH.parents[2]


def sentences():
    """Every sentence the documents' code says, as Babel finds it."""
    with (catalogue.WELSH.parent / "sentences.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(ROOT, methods, options, directory_filter=lambda _path: True)
    return {words[0] if isinstance(words, tuple) else words for _file, _line, words, _notes, _context in found}


@pytest.fixture(scope="module")
def welsh():
    with catalogue.WELSH.open("rb") as kept:
        return read_po(kept, locale="cy")


def wordings(message):
    return message.string if message.pluralizable else (message.string,)


def test_every_sentence_of_the_documents_is_there_in_welsh(welsh):
    """What is missing gets its place in cy.po by `make welsh`."""
    found = sentences()
    assert {"In short", "Contents"} <= found
    translated = {(m.id[0] if m.pluralizable else m.id) for m in welsh if m.id and all(wordings(m)) and not m.fuzzy}
    assert found - translated == set()


def test_a_translation_has_the_gaps_of_its_source_and_a_form_for_every_number(welsh):
    def gaps(words):
        return {name for _text, name, _how, _as in Formatter().parse(words) if name is not None}

    for message in welsh:
        forms = wordings(message)
        source = message.id[-1] if message.pluralizable else message.id
        assert not message.pluralizable or len(forms) == 6
        assert [gaps(words) for words in forms if message.id] == [gaps(source)] * len(forms) or not message.id


def test_a_digit_mutates_the_word_behind_it():
    with catalogue.speaking("cy"):
        said = [catalogue.ngettext("{n} person", "{n} people", n).format(n=n) for n in (0, 1, 2, 3, 4, 6, 25)]
    assert said == ["0 o bobl", "1 person", "2 berson", "3 pherson", "4 o bobl", "6 pherson", "25 o bobl"]


def test_days_have_welsh_months():
    with catalogue.speaking("cy"):
        assert wording.day(datetime.date(2027, 3, 3)) == "3 Mawrth 2027"
        assert (
            wording.days(datetime.date(2027, 2, 28), datetime.date(2027, 3, 3)) == "28 Chwefror 2027 hyd 3 Mawrth 2027"
        )
    assert wording.day(datetime.date(2027, 3, 3)) == "3 March 2027"


def test_a_screen_reader_is_told_which_words_are_english():
    page = lxml.html.document_fromstring(written(WELSH, "html").decode())
    assert page.get("lang") == "cy-GB"
    english = {" ".join(each.text_content().split()) for each in page.xpath("//*[@lang='en-GB']")}
    assert {"24/7 access", "Somewhere to turn at any hour.", "An advice line."} <= english
    assert not {"Yn gryno", SAID} & english
    file = docx.Document(io.BytesIO(written(WELSH, "docx")))
    marked = {run.text for each in file.paragraphs for run in each.runs if run._r.xpath("w:rPr/w:lang[@w:val='en-GB']")}
    assert english & marked >= {"24/7 access", "Somewhere to turn at any hour.", "An advice line."}
    assert not marked & {"Yn gryno", SAID}
    assert "lang=" not in written(guide(), "html").decode().replace('<html lang="en-GB">', "")


def test_an_editor_chooses_welsh_and_every_format_speaks_it(room):
    room.phone().post_idea(SAID, kind="action")
    console = room.console()
    desk = f"/guides/{cafe_of(console, room.code).removeprefix('/cafes/')}"

    def taken(document):
        answer = console.get(f"{desk}/{document}")
        assert answer.status_code == 200, answer.text
        return answer.data

    front = console.get(desk).text
    box = next(form for form in forms_in(front) if "language" in form.fields)
    assert console.send(box, to=desk, language="cy").status_code == 303
    page = lxml.html.document_fromstring(taken("guide.html").decode())
    assert page.xpath("//h2/text()")[:2] == ["Cynnwys", "Yn gryno"]
    word = docx.Document(io.BytesIO(taken("guide.docx")))
    assert word.core_properties.language == "cy-GB"
    assert "Yn gryno" in [each.text for each in word.paragraphs]
    book = openpyxl.load_workbook(io.BytesIO(taken("guide.xlsx")))
    assert "Camau bach" in book.sheetnames
    assert taken("guide.csv").decode("utf-8-sig").startswith("Taflen,")
    poster = lxml.html.document_fromstring(taken("poster.html").decode())
    assert (poster.get("lang"), poster.xpath("//h1/text()")) == ("cy-GB", ["Ein camau bach"])
    for written_in_english in ("In short", "Contents", "Small steps"):
        assert written_in_english not in page.text_content()


def test_a_welsh_word_file_comes_back():
    english = with_refs()
    edited = Edited(msgspec.structs.replace(english, language="cy"))
    assert edited.differences() == []
    edited.say("Evenings are hard.", "Mae’r nosweithiau’n anodd.")
    for now in (edited.made, english):
        assert [each.words for each in edited.differences(now)] == ["Mae’r nosweithiau’n anodd."]


def test_a_sheet_has_room_for_its_welsh_name():
    with catalogue.speaking("cy"):
        assert all(len(sheet.title) <= LONGEST_NAME for sheet in sheets(WELSH))


@pytest.mark.skipif(FORMATS["pdf"].missing(), reason="needs the extra `pdf`")
def test_the_pdf_is_welsh_too():
    file = pypdf.PdfReader(io.BytesIO(written(WELSH, "pdf")))
    assert file.trailer["/Root"]["/Lang"] == "cy-GB"
    assert "Yn gryno" in file.pages[0].extract_text()
