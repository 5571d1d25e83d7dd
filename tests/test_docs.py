"""The documents tell the truth about the code."""

import ast
import json
import re
import zipfile
from pathlib import Path

import pytest

from cafe import reference, samples
from cafe.exports import DOCUMENTS

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
# How many clauses of level 1 each chapter of OWASP ASVS 5.0.0 has.
LEVEL_1 = {1: 8, 2: 4, 3: 8, 4: 2, 5: 4, 6: 13, 7: 6, 8: 4, 9: 4, 10: 5, 11: 3, 12: 3, 13: 1, 14: 2, 15: 3}
STATES = {"holds", "partly", "elsewhere", "does not apply"}


def test_the_protocol_document_is_what_the_code_says():
    assert (DOCS / "protocol.md").read_text() == reference.protocol(), "run `make docs`"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The sample documents as they come out now."""
    folder = tmp_path_factory.mktemp("samples")
    samples.write(folder)
    return folder


def test_the_sample_guide_is_what_the_rehearsed_cafes_make(written):
    """The facts, that is; how a document looks may differ from one version of a library to the next."""
    now, kept = (json.loads((folder / "guide.json").read_text()) for folder in (written, DOCS / "samples"))
    assert now == kept, "run `make samples`"


def test_each_kind_of_document_is_among_the_samples(written):
    made = {file.name for file in written.iterdir()}
    assert {name.partition(".")[2] or name for name in DOCUMENTS} <= {name.rpartition(".")[2] for name in made}
    assert made <= {file.name for file in (DOCS / "samples").iterdir()}, "run `make samples`"


def test_the_invented_harvest_is_what_its_vocabulary_makes_byte_for_byte(written):
    now, kept = ((folder / samples.HARVEST).read_bytes() for folder in (written, DOCS / "samples"))
    assert now == kept, "run `make samples`"
    assert len(kept) < 1_500_000


def test_a_word_file_says_nothing_of_the_second_it_was_written_in(written):
    with zipfile.ZipFile(written / "guide.docx") as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.testzip() is None


@pytest.fixture(scope="module")
def clauses() -> list[tuple[str, str, str, str]]:
    """The rows of asvs.md: clause, what it asks, the state, and what shows it."""
    return re.findall(r"^\| (\d[\d.]+) \| (.*?) \| (.*?) \| (.*) \|$", (DOCS / "asvs.md").read_text(), re.M)


def test_level_1_of_the_security_standard_is_answered_whole(clauses):
    answered = [clause for clause, asks, *_ in clauses if not asks.startswith("(")]
    assert len(set(answered)) == len(answered)
    assert {n: sum(each.startswith(f"{n}.") for each in answered) for n in LEVEL_1} == LEVEL_1
    assert {state for _, _, state, _ in clauses} <= STATES


def test_every_test_the_papers_name_exists(clauses):
    named = [name for *_, shows in clauses for name in re.findall(r"`((?:\w+/)?test_\w+\.py\S*)`", shows)]
    assert named
    for name in named:
        file, _, test = name.partition("::")
        source = (TESTS / file).read_text()
        assert not test or test in {each.name for each in ast.walk(ast.parse(source)) if hasattr(each, "name")}, name


def test_every_page_the_papers_lead_to_exists():
    for page in (*DOCS.glob("*.md"), TESTS.parent / "README.md", TESTS.parent / "SECURITY.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} leads to {target}"
