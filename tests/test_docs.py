"""The documents tell the truth about the code."""

import json
import zipfile
from pathlib import Path

import pytest

from cafe import reference, samples
from cafe.exports import DOCUMENTS

DOCS = Path(__file__).parent.parent / "docs"


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


def test_a_word_file_says_nothing_of_the_second_it_was_written_in(written):
    with zipfile.ZipFile(written / "guide.docx") as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.testzip() is None
