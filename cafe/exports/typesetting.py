"""What typst is given and what comes back: data as JSON, never as markup, and a PDF that keeps to PDF/UA-1 or none.

typst is the extra `pdf`, and imported only here, when it is needed. How it looks is `typst/`. Nothing is fetched: the
fonts come with us and with typst, those of the machine are not seen.
"""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from cafe.exports.plain import on_paper

HERE: Final = Path(__file__).parent / "typst"


def typeset(name: str, data: object, made_on: date) -> bytes:
    """Return the PDF that one of the files in `typst/` makes of the data; the same data make the same file."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, font_paths=[HERE / "fonts"])
    pdf = typst.compile(
        HERE / f"{name}.typ",
        root=HERE,
        format="pdf",
        font_paths=fonts,
        sys_inputs={"data": json.dumps(as_data(data), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=datetime.combine(made_on, time(), UTC),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("a PDF is one file")
    return pdf


def as_data(value: object) -> object:
    """Return blocks as JSON knows them: each with its `kind`, and every word as paper can hold it."""
    if isinstance(value, str):
        return on_paper(value)
    if isinstance(value, dict):
        return {key: as_data(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        fields = getattr(value, "_fields", None)
        if fields is None:
            return [as_data(each) for each in value]
        named = {name: as_data(each) for name, each in zip(fields, value, strict=True)}
        return {"kind": type(value).__name__, **named}
    return value
