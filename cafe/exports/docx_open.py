"""Opening a Word file that somebody sent, and trusting nothing in it: only the parts that are needed are read at all.

What is not a Word file, or says one thing and is another, is `NotOurs`. Nothing in a file is ever run or fetched, and
no part is unpacked beyond `MOST_UNPACKED`, whatever it claims to be.
"""

import zipfile
import zlib
from collections.abc import Iterator
from posixpath import dirname, join, normpath, split
from typing import BinaryIO, Final, NamedTuple

from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from cafe.exports.docx_marks import SPACE, Record, parsed

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_UNPACKED: Final = 32 * 1024 * 1024  # of one part: ours have a quarter of that with five thousand lines
MOST_TAGS: Final = 1_000_000  # of one part, likewise: small ones take a hundred times their size in memory
_MOST_PARTS: Final = 2000
_MOST_RECORDS: Final = 20  # parts of our kind that are looked at: other programs add their own
_PACKED: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # as Word files are
_RELATIONSHIP: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class NotOurs(Exception):  # noqa: N818  # not a fault: people send what they have
    """A file that is no Word file, or was not made from a guide, or lost what is needed to compare it."""


class Opened(NamedTuple):
    """What is read of a file: its body, its styles and comments where it has any, and our record of what went out."""

    body: BaseOxmlElement
    styles: BaseOxmlElement | None
    comments: BaseOxmlElement | None
    record: Record


def open_file(stream: BinaryIO) -> Opened:
    """Return what is needed of a Word file; raises NotOurs when it is not one that was made from a guide."""
    try:
        with zipfile.ZipFile(stream) as package:
            return _opened(package)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, SyntaxError, EOFError) as no:  # not what it says
        raise NotOurs from no
    except (NotImplementedError, RuntimeError, OSError) as no:  # locked, or packed as no Word file is
        raise NotOurs from no


def _opened(package: zipfile.ZipFile) -> Opened:
    if len(package.infolist()) > _MOST_PARTS:
        raise NotOurs
    main = next(_related(package, "", "officeDocument"), "")
    body = _root(package, main).find(qn("w:body"))
    if body is None:
        raise NotOurs
    styles, comments = (next(_related(package, main, kind), "") for kind in ("styles", "comments"))
    return Opened(
        body,
        _root(package, styles) if styles else None,
        _root(package, comments) if comments else None,
        _record(package, main),
    )


def _record(package: zipfile.ZipFile, main: str) -> Record:
    for _number, name in zip(range(_MOST_RECORDS), _related(package, main, "customXml"), strict=False):
        root = _root(package, name)
        if root.tag == f"{{{SPACE}}}guide":
            return parsed(root)
    raise NotOurs


def _related(package: zipfile.ZipFile, part: str, kind: str) -> Iterator[str]:
    """Yield the names of the parts that one part, or the file itself, leads to, of one kind."""
    folder, name = split(part)
    around = join(folder, "_rels", f"{name}.rels")
    if part and around not in package.namelist():
        return
    for each in _root(package, around).iter(_RELATIONSHIP):
        if each.get("Type", "").endswith(f"/{kind}") and each.get("TargetMode") != "External":
            yield normpath(join("/", dirname(part), each.get("Target", ""))).lstrip("/")


def _root(package: zipfile.ZipFile, name: str) -> BaseOxmlElement:
    """Return a part as XML; one with declarations of its own is refused, since no Word file has any."""
    if package.getinfo(name).compress_type not in _PACKED:
        raise NotOurs
    with package.open(name) as part:
        held = part.read(MOST_UNPACKED + 1)
    if len(held) > MOST_UNPACKED or held.count(b"<") > MOST_TAGS or b"<!DOCTYPE" in held.replace(b"\0", b""):
        raise NotOurs
    root = parse_xml(held)
    if root.getroottree().docinfo.doctype:
        raise NotOurs
    return root
