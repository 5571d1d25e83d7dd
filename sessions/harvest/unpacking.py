"""A file for the desk, opened without trusting it: one bundle as data, the zip a host sends, or a zip of many bundles.

Nothing is ever written or unpacked under a name from a file: every bundle in it is given as bytes, one after the other,
each no larger than it may be. What a bundle says is `reading`.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Final

MOST_BYTES: Final = 20 * 1024 * 1024  # of a file, as it comes
MOST_EACH: Final = (
    4 * 1024 * 1024
)  # of one bundle: eight sessions of sixty people with ten ideas each have half of that
MOST_UNPACKED: Final = 64 * 1024 * 1024  # of all in a file
MOST_BUNDLES: Final = 200
MOST_SWELLING: Final = 100  # times its packed size; our words are packed six times as small
NOTE: Final = "READ ME FIRST.txt"  # what a host's zip holds beside its data, for people to read

_ZIP: Final = b"PK\x03\x04"
_LISTED: Final = b"PK\x01\x02"  # begins each line of a zip's own list
_DATA: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.json", re.ASCII)
_PACKED: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_LOCKED: Final = 0x1


class Unsound(ValueError):  # noqa: N818  # a polite no: people send what they have
    """A file that is not taken in; `say` is a sentence in English that `values` fill in, and tells nothing from it."""

    def __init__(self, say: str, **values: str | int) -> None:
        super().__init__(say % values if values else say)
        self.say = say
        self.values = values


def received(stream: IO[bytes]) -> bytes:
    """Return a file as it comes, and never more of it than may come; raises Unsound."""
    held = stream.read(MOST_BYTES + 1)
    if len(held) > MOST_BYTES:
        raise Unsound("This file is larger than 20 MB: no bundle is, and neither are two hundred.")
    if not held:
        raise Unsound("This file is empty.")
    return held


def bundles(held: bytes) -> Iterator[bytes]:
    """Yield each bundle in a file as its data; raises Unsound at the first thing that no such file holds."""
    if not held.startswith(_ZIP):
        yield _alone(held)
        return
    if held.count(_LISTED) > MOST_BUNDLES + 1:
        raise Unsound("This zip holds more than 200 files.")
    try:
        with zipfile.ZipFile(BytesIO(held)) as package:
            yield from _each(package, _named(package.infolist(), len(held)))
    except (NotImplementedError, zlib.error) as no:
        raise Unsound("This zip is packed in a way that we do not open.") from no
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError, RuntimeError) as no:
        if isinstance(no, Unsound):
            raise
        raise Unsound("This zip is broken or only half there: please ask for it once more.") from no


def _alone(held: bytes) -> bytes:
    if not held.lstrip(b" \t\r\n").startswith(b"{"):
        raise Unsound("This is neither a bundle nor a zip with bundles.")
    if len(held) > MOST_EACH:
        raise Unsound("This bundle is larger than 4 MB, which no café is.")
    return held


def _named(listed: list[zipfile.ZipInfo], size: int) -> list[zipfile.ZipInfo]:
    """Return the bundles that a zip says it holds, having looked at every name and size it gives."""
    names = [entry.orig_filename.casefold() for entry in listed]
    if len(set(names)) < len(names):
        raise Unsound("This zip holds two files of the same name.")
    for entry in listed:
        _plain(entry)
    if sum(entry.compress_size for entry in listed) > size:
        raise Unsound("The files in this zip lie over each other.")
    if sum(entry.file_size for entry in listed) > MOST_UNPACKED:
        raise Unsound("Unpacked, this zip would be larger than 64 MB.")
    found = [entry for entry in listed if entry.orig_filename != NOTE]
    if not found:
        raise Unsound("This zip holds no bundle.")
    if len(found) > MOST_BUNDLES:
        raise Unsound("This zip holds more than 200 files.")
    return found


def _plain(entry: zipfile.ZipInfo) -> None:
    """Raise Unsound unless an entry is a file of ours, in no folder, and no larger than it may be."""
    name = entry.orig_filename
    if re.search(r"[/\\:]|\.\.", name):
        raise Unsound("This zip holds folders or paths; bundles lie side by side in it.")
    if name != NOTE and not _DATA.fullmatch(name):
        raise Unsound("This zip holds something else than bundles.")
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
        raise Unsound("This zip holds a link or a folder where a file should be.")
    if entry.flag_bits & _LOCKED:
        raise Unsound("This zip is locked with a password.")
    if entry.compress_type not in _PACKED:
        raise Unsound("This zip is packed in a way that we do not open.")
    if entry.file_size > MOST_EACH:
        raise Unsound("A bundle in this zip is larger than 4 MB, which no café is.")
    if entry.file_size > MOST_SWELLING * max(entry.compress_size, 1):
        raise Unsound("A file in this zip would swell to more than a hundred times its size.")


def _each(package: zipfile.ZipFile, listed: list[zipfile.ZipInfo]) -> Iterator[bytes]:
    for entry in listed:
        with package.open(entry) as file:
            held = file.read(MOST_EACH + 1)
        if len(held) != entry.file_size:
            raise Unsound("This zip is broken or only half there: please ask for it once more.")
        yield _alone(held)
