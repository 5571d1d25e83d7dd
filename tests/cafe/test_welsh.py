"""The documents in Welsh: every sentence has its translation, and each format is written in the guide's language."""

import datetime
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from cafe.exports import catalogue, wording

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
