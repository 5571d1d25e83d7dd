"""What typst is told: which page, and the data as JSON, never as markup; setting it is `typst/typesetter.py`.

typst is the extra `pdf`. How a document looks is `typst/`. Nothing is fetched: the fonts come with us and with typst,
those of the machine are not seen.
"""

import json
import os
import sys
import tempfile
from datetime import UTC, date, datetime, time
from typing import NoReturn

from cafe.exports.plain import on_paper
from cafe.exports.typst import typesetter


def told(name: str, data: object, made_on: date) -> bytes:
    """Return what the typesetter must be told to set one of the files in `typst/`."""
    words = json.dumps(as_data(data), ensure_ascii=False)
    return json.dumps(
        {"name": name, "made": datetime.combine(made_on, time(), UTC).isoformat(), "data": words}
    ).encode()


def become(said: bytes) -> NoReturn:
    """Have this process be the typesetter from now on, with nothing else in memory; it writes where this one did."""
    with tempfile.TemporaryFile() as file:
        file.write(said)
        file.flush()
        file.seek(0)
        os.dup2(file.fileno(), sys.stdin.fileno())
    os.execv(sys.executable, [sys.executable, typesetter.__file__])  # noqa: S606  # our own file


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
