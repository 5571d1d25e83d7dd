"""Backups are sealed: encrypted with a key of their own, so that whoever finds one without it has nothing.

A sealed file says what it is and which key opens it, and then holds pieces of a mebibyte, each encrypted and signed
(AES-256-GCM) with its number and whether it is the last: nothing can be changed, moved about or cut off unnoticed. The
key in use is drawn from the installation's and the file's own salt, so that no two files share one. What a backup is,
and when it is taken, is `sessions.backup`.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sessions import world
from sessions.backup import Unsound, to_disk
from sessions.sqlite import beside

MARK = b"Evidence Cafe, sealed 1\n"
PIECE = 1 << 20  # bytes
_TAG = 16  # bytes that signing adds to a piece
_SALT = 32
_WHOSE = 8  # bytes that say which key opens it
_KEY_LETTERS = 64  # 256 bits, in hexadecimal


def sealing(key_file: Path) -> Callable[[Path, Path], None]:
    """Return what writes one file, sealed, as another; the key is made at first use."""
    return lambda plain, target: seal(plain, target, _own_key(key_file))


def is_sealed(path: Path) -> bool:
    """Say whether a file is a sealed one, whole or not."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


def seal(plain: Path, target: Path, key: str) -> None:
    """Write a file sealed as a new one that only its owner can read, and return once it can be read back."""
    salt = world.salt(_SALT)
    head = MARK + _mark_of(key) + salt
    box = _box(key, salt)
    with plain.open("rb") as source, _new(target) as file:
        file.write(head)
        number, piece = 0, source.read(PIECE)
        while True:
            following = source.read(PIECE)
            file.write(box.encrypt(_nonce(number, last=not following), piece, head))
            if not following:
                break
            number, piece = number + 1, following
    to_disk(target)
    for _piece in _opened(target, key):
        pass


def unseal(source: Path, target: Path, key: str) -> None:
    """Write what a sealed file holds as a new file that only its owner can read; raises Unsound."""
    with _new(target) as file:
        for piece in _opened(source, key):
            file.write(piece)
    to_disk(target)


@contextmanager
def unsealed(source: Path, database: Path, key_files: Sequence[Path]) -> Iterator[Path]:
    """Give what a backup holds as a plain file; of a sealed one, a copy beside the database that goes afterwards.

    The first of the keys that fits is used. Raises Unsound when none does, or the file is not as it was sealed.
    """
    if not is_sealed(source):
        yield source
        return
    plain = beside(database, ".unsealed")
    try:
        unseal(source, plain, _fitting_key(source, key_files))
        yield plain
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            beside(plain, ending).unlink(missing_ok=True)


def read_key(path: Path) -> str:
    """Return the key that is kept in a file; raises Unsound for anything else."""
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if len(key) != _KEY_LETTERS or not set(key) <= set("0123456789abcdef"):
        raise Unsound(f"{path} does not hold the key of a backup.")
    return key


def _fitting_key(source: Path, key_files: Sequence[Path]) -> str:
    there = [path for path in key_files if path.is_file()]
    if not there:
        raise Unsound(f"It is sealed, and there is no key to it in {key_files[0]}. Give the file with --key-file.")
    with source.open("rb") as file:
        file.seek(len(MARK))
        whose = file.read(_WHOSE)
    for path in there:
        if _mark_of(key := read_key(path)) == whose:
            return key
    raise Unsound(f"It was sealed with another key than the one in {there[0]}. Give the file with --key-file.")


def _own_key(path: Path) -> str:
    """Return the key in a file, making one that only its owner can read when there is none."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_key(path)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{world.key()}\n")
        to_disk(path)
        to_disk(path.parent)
    except OSError:
        path.unlink(missing_ok=True)  # half a key would open nothing, and be in the way of a whole one
        raise
    return read_key(path)


def _opened(path: Path, key: str) -> Iterator[bytes]:
    """Go through what a sealed file holds, piece by piece, each checked; raises Unsound."""
    with path.open("rb") as file:
        head = file.read(len(MARK) + _WHOSE + _SALT)
        box, number, piece = _box(key, head[-_SALT:]), 0, file.read(PIECE + _TAG)
        while True:
            following = file.read(PIECE + _TAG)
            try:
                yield box.decrypt(_nonce(number, last=not following), piece, head)
            except InvalidTag:
                raise Unsound(f"{path.name} is damaged, or has been changed.") from None
            if not following:
                return
            number, piece = number + 1, following


def _new(path: Path) -> BinaryIO:
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _box(key: str, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, MARK).derive(bytes.fromhex(key)))


def _mark_of(key: str) -> bytes:
    """Return what a sealed file says of its key, so that the wrong one is known as such."""
    return hashlib.sha256(MARK + bytes.fromhex(key)).digest()[:_WHOSE]


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
