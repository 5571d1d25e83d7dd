"""The file for the project team: a bundle as data, and beside it what is inside in plain words (`covering`).

The zip is stored, not compressed: the same bytes wherever it is made, nothing to swell when it is opened, and whoever
looks into it with any editor reads every word. What a bundle holds is `sessions.bundle`.
"""

import io
import zipfile
from collections.abc import Iterable

from cafe import covering
from sessions import bundle as bundles
from sessions.bundle import Bundle

DATA = "bundle.json"
NOTE = "READ ME FIRST.txt"
_ALWAYS = (1980, 1, 1, 0, 0, 0)  # the day that a zip gives to files without one


def packed(bundle: Bundle) -> bytes:
    """Return the file that leaves."""
    return _stored(((NOTE, covering.note(bundle, DATA).encode()), (DATA, bundles.dump(bundle))))


def together(several: Iterable[Bundle]) -> bytes:
    """Return one file with the bundles of several cafés, and no notes."""
    return _stored(
        (f"{number:03}-{bundle.cafe.day}.json", bundles.dump(bundle)) for number, bundle in enumerate(several, 1)
    )


def opened(file: bytes) -> tuple[str, Bundle]:
    """Return the note and the bundle in a file that was just packed here."""
    with zipfile.ZipFile(io.BytesIO(file)) as unpacking:
        return unpacking.read(NOTE).decode(), bundles.read(unpacking.read(DATA))


def _stored(files: Iterable[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packing:
        for name, contents in files:
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.create_system = 0  # the same on every machine
            packing.writestr(entry, contents)
    return file.getvalue()
