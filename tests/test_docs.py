"""The documents tell the truth about the code."""

from pathlib import Path

from cafe import reference

DOCS = Path(__file__).parent.parent / "docs"


def test_the_protocol_document_is_what_the_code_says():
    assert (DOCS / "protocol.md").read_text() == reference.protocol(), "run `make docs`"
