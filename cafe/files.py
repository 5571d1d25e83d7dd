"""The files that pages bring along: compressed once, sent from memory, and kept by browsers for a year.

A room that joins at once asks for the same dozen files two thousand times. What pages are made of is compressed by
Flask-Compress, since it differs each time.

Our own scripts and style sheets are sent without the comments that stand on lines of their own.
A script that needs data which Python has too says so as `"@name@"`, and gets it in that place: neither a second copy
nor one more request.
"""

import gzip
import hashlib
import json
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, abort, request
from werkzeug.wrappers import Response

COMMENTS = re.compile(rb"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/)[\s\S])*\*/[ \t]*)\n", re.MULTILINE)

# The address changes with the contents.
FOR_A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class File:
    """One file as it is sent, and compressed where that makes it smaller."""

    kind: str
    plain: bytes
    compressed: bytes | None


def install(app: Flask, folder: Path, data: Mapping[str, str]) -> None:
    """Serve a folder's files under an address that is named for their contents, as the endpoint `static`."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    mark = _fingerprint(paths, data)
    app.add_url_rule(f"/static/{mark}/<path:filename>", endpoint="static", view_func=_sender(paths, mark, data))


def _sender(paths: dict[str, Path], mark: str, data: Mapping[str, str]) -> Callable[[str], Response]:
    kept: dict[str, File] = {}

    def send(filename: str) -> Response:
        if filename not in paths:
            abort(404)
        if filename not in kept:
            kept[filename] = _read(paths[filename], data)
        file = kept[filename]
        packed = file.compressed if request.accept_encodings.quality("gzip") else None
        response = Response(packed or file.plain, mimetype=file.kind)
        response.headers["Cache-Control"] = FOR_A_YEAR
        response.headers["Vary"] = "Accept-Encoding"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{mark}-gzip" if packed else mark)
        return response.make_conditional(request)

    return send


def _read(path: Path, data: Mapping[str, str]) -> File:
    plain = path.read_bytes()
    if path.suffix in {".css", ".js"} and "vendor" not in path.parts:  # whose licences stand in comments
        plain = COMMENTS.sub(b"", plain)
    for name, value in data.items() if path.suffix == ".js" else ():
        plain = plain.replace(f'"@{name}@"'.encode(), json.dumps(value, ensure_ascii=False).encode())
    packed = gzip.compress(plain, mtime=0)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(kind, plain, packed if len(packed) < 0.9 * len(plain) else None)


def _fingerprint(paths: dict[str, Path], data: Mapping[str, str]) -> str:
    """Return a short name for the contents of some files, and of what is put into them."""
    digest = hashlib.sha256()
    for name, path in paths.items():
        digest.update(name.encode())
        digest.update(path.read_bytes())
    digest.update(json.dumps(dict(data)).encode())
    return digest.hexdigest()[:12]
