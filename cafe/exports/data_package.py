"""The open data of an edition as a data package: CSV tables, and beside them what every field means.

It keeps to the Frictionless Data Package standard (v1). What it says in words is `data_words`.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, Final, get_args

from cafe.exports.csv import cell
from cafe.exports.data_words import DE_IDENTIFIED, FIELDS, LICENCE, WITHDRAWN, provenance, read_me, title
from cafe.exports.plain import clean
from sessions.guide import Status
from sessions.harvest.catalogue import Dataset, Kind, Said

_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)  # the day that a zip gives to files without one
_ONE_OF: Final = {"kind": list(get_args(Kind)), "status": list(get_args(Status))}


def write(data: Dataset, stream: BinaryIO) -> None:
    """Write the data to the stream as a zip; the same data make the same file."""
    tables = {
        "entries": _table([name for name, _kind, _about in FIELDS], map(_row, data.rows)),
        "withdrawn": _table(["id"], ((each,) for each in data.withdrawn)),
    }
    described = json.dumps(_described(data, tables), ensure_ascii=False, indent=2)
    with zipfile.ZipFile(stream, "w") as packing:
        _put(packing, "README.md", read_me(data).encode())
        _put(packing, "datapackage.json", f"{described}\n".encode())
        for name, table in tables.items():
            _put(packing, f"{name}.csv", table)


def _described(data: Dataset, tables: Mapping[str, bytes]) -> dict[str, object]:
    """Return the description of the package, as the standard has it."""
    return {
        "profile": "tabular-data-package",
        "name": f"evidence-cafe-open-data-{data.number}",
        "title": title(data),
        "description": f"{provenance(data)} {DE_IDENTIFIED}",
        "version": f"{data.number}.0.0",
        "created": f"{data.made_on}T00:00:00Z",
        "licenses": [LICENCE],
        "sources": [{"title": f"{data.framework} ({data.framework_edition})"}],
        "keywords": ["palliative care", "end of life care", "invented" if data.invented else "reported"],
        "resources": [
            _resource("entries", "What people said", tables["entries"], [_field(*each) for each in FIELDS]),
            _resource("withdrawn", "Ids of what was withdrawn", tables["withdrawn"], [_field(*WITHDRAWN)]),
        ],
    }


def _resource(name: str, called: str, table: bytes, fields: Sequence[dict[str, object]]) -> dict[str, object]:
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "title": called,
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(table),
        "hash": f"sha256:{hashlib.sha256(table).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {"fields": fields, "primaryKey": ["id"], "missingValues": [""]},
    }


def _field(name: str, kind: str, about: str) -> dict[str, object]:
    bound: dict[str, object] = {"required": True, "unique": True} if name == "id" else {}
    if name in _ONE_OF:
        bound["enum"] = _ONE_OF[name]
    told: dict[str, object] = {"name": name, "type": kind, "description": about}
    return told | ({"constraints": bound} if bound else {})


def _row(said: Said) -> tuple[str | int, ...]:
    told = {name: getattr(said, name) for name, _kind, _about in FIELDS}
    told["ambitions"] = ";".join(map(str, said.ambitions))
    told |= {name: "true" if told[name] else "false" for name in ("edited", "invented")}
    return tuple(value if isinstance(value, int) else cell(clean(str(value))) for value in told.values())


def _table(names: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(names)
    table.writerows(rows)
    return text.getvalue().encode()


def _put(packing: zipfile.ZipFile, name: str, contents: bytes) -> None:
    entry = zipfile.ZipInfo(name, _ALWAYS)
    entry.create_system = 0  # the same on every machine
    entry.compress_type = zipfile.ZIP_DEFLATED
    packing.writestr(entry, contents)
