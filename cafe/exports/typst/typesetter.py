"""typst by itself: told what to set as JSON, it gives a PDF that keeps to PDF/UA-1 or none.

Nothing else of ours is imported: while pages are laid out typst needs all the memory there is, so the process that
gathered a guide becomes this one (`become` in `cafe.exports.typesetting`).
"""

import json
import sys
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).parent


def compiled(told: bytes) -> bytes:
    """Return the PDF that one of the files beside this one makes of the data; the same data make the same file."""
    import typst

    wanted = json.loads(told)
    pdf = typst.compile(
        HERE / f"{wanted['name']}.typ",
        root=HERE,
        format="pdf",
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[HERE / "fonts"]),
        sys_inputs={"data": wanted["data"]},
        pdf_standards=["ua-1"],
        timestamp=datetime.fromisoformat(wanted["made"]),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("a PDF is one file")
    return pdf


if __name__ == "__main__":
    try:
        sys.stdout.buffer.write(compiled(sys.stdin.buffer.read()))
    except Exception as error:  # its message may hold people's words
        sys.stderr.write(type(error).__name__)
        sys.exit(1)
