"""What no server starts with: looked at by `doctor`, and by `starting` before anything is made or served.

Each look yields one remark; where that is unsafe, the server does not start, and says it in a sentence.
"""

import os
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from cafe.doctor import Place, Remark
from cafe.settings import LOOPBACK
from sessions import disk

SHORTEST_SECRET = 32
FEWEST_SIGNS = 8  # a secret of fewer different ones was typed, not thrown
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*|[0-9a-f:.]*:[0-9a-f:.]*", re.IGNORECASE)
_SYNCED = ("onedrive", "dropbox", "icloud", "com~apple~clouddocs", "mobile documents", "google drive", "googledrive",
           "my drive", "nextcloud", "owncloud", "box sync")  # fmt: skip
# What OneDrive, Dropbox, Syncthing, Google Drive and Nextcloud leave in the folder they look after.
_MARKS = (".849C9593-D756-4E56-8D6E-42412F2A707B", ".dropbox.cache", ".stfolder", ".tmp.driveupload",
          ".tmp.drivedownload", ".nextcloudsync.log", ".sync_*.db", "._sync_*.db")  # fmt: skip
_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ncp", "davfs", "ceph", "glusterfs", "fuse.sshfs", "fuse.rclone",
            "fuse.davfs", "fuse.gvfsd")  # fmt: skip
_SEVERAL = re.compile(r"(?<!\S)(?:(?:-w|--workers)[ =]*(?:[2-9]|\d{2,})|--preload)(?!\S)")


def origins(place: Place) -> Iterator[Remark]:
    """Look at the names the server answers to: pages of any other may neither be shown by it nor open a socket."""
    open_to = [name for name in place.names if not _NAME.fullmatch(name)]
    if open_to:
        yield Remark(
            "names",
            f"the server would answer to any name ({' '.join(open_to) or 'an empty one'})",
            "give --host an address of this computer, or 0.0.0.0 for all of them",
            unsafe=True,
        )
        return
    yield Remark("names", f"the server answers to {', '.join(place.names)}, and takes sockets from pages of these only")


def debugging(place: Place) -> Iterator[Remark]:
    """Look whether errors would be shown with what people wrote."""
    if os.environ.get("FLASK_DEBUG", "0").lower() in {"", "0", "false", "no"}:
        return
    yield Remark(
        "debugging",
        "debugging is switched on, and errors may show what people wrote",
        "unset FLASK_DEBUG",
        unsafe=place.listens not in LOOPBACK,
    )


def processes(_place: Place) -> Iterator[Remark]:
    """Look whether a WSGI server is told to start several: each would tell only the phones that came to it."""
    number = os.environ.get("WEB_CONCURRENCY", "1")
    told = " ".join([*sys.argv[1:], os.environ.get("GUNICORN_CMD_ARGS", "")])
    if _SEVERAL.search(told) or (number.isdecimal() and int(number) > 1):
        yield Remark(
            "processes",
            "several processes are asked for, and this program is one",
            "have the WSGI server start one worker, without --preload (WEB_CONCURRENCY, GUNICORN_CMD_ARGS)",
            unsafe=True,
        )


def eventlet(_place: Place) -> Iterator[Remark]:
    """Look for a library that changes how sockets work, and that nobody looks after any more."""
    if find_spec("eventlet"):
        cure = "pip uninstall eventlet"
        yield Remark("eventlet", "the library eventlet is installed, which does not go with gevent", cure, unsafe=True)


def folder(place: Place) -> Iterator[Remark]:
    """Look at where the file is: a synced folder or a network share spoils a database in use."""
    if place.file is None:
        return
    found = unfit(place.file.absolute(), _mounts())
    if not found:
        yield Remark("folder", f"{place.file} is on a disk of this computer")
        return
    says = f"the database is {found}, which can damage it while it is in use"
    allowed = os.environ.get("CAFE_ANY_FOLDER", "").lower() in {"1", "on", "yes", "true"}
    cure = "keep it on this computer's own disk, and let backups travel instead (`cafe backup`)"
    yield Remark("folder", says + (", and CAFE_ANY_FOLDER allows it" if allowed else ""), cure, unsafe=not allowed)


def writable(place: Place) -> Iterator[Remark]:
    """Look whether anything can be saved at all where the file is."""
    if place.file and disk.only_read(place.file):
        cure = "have it mounted for writing, or keep the database elsewhere"
        yield Remark("disk", f"the disk that {place.file} is on can only be read", cure, unsafe=True)


def secret(place: Place) -> Iterator[Remark]:
    """Look at the secret: who can read it, and whether it could be guessed."""
    if not place.secret.exists():
        yield Remark("secret", f"{place.secret} will be made when first served")
    elif sys.platform != "win32" and place.secret.stat().st_mode & 0o077:
        cure = f"chmod 600 {place.secret}"
        yield Remark("secret", f"others on this computer can read {place.secret}", cure, unsafe=True)
    elif _could_be_guessed(place.secret):
        cure = "delete the file, and a new one is made; forms that are open then have to be sent twice"
        yield Remark("secret", f"the secret in {place.secret} could be guessed", cure, unsafe=True)
    else:
        yield Remark("secret", "only its owner can read it")


def database_file(place: Place) -> Iterator[Remark]:
    """Look whether others on this computer could change what people said."""
    if place.file and place.file.exists() and sys.platform != "win32" and place.file.stat().st_mode & 0o002:
        cure = f"chmod 600 {place.file}"
        yield Remark("file", f"others on this computer can write to {place.file}", cure, unsafe=True)


ON_THE_WAY_IN = (origins, debugging, eventlet, folder, writable, secret, database_file)
LOOKS = (*ON_THE_WAY_IN, processes)


def unfit(file: Path, mounts: str) -> str | None:
    """Return why a place is unfit for a database in use, or None; `mounts` are the lines of /proc/mounts."""
    for part in file.parts:
        synced = next((name for name in _SYNCED if name in part.casefold()), None)
        if synced:
            return f"in a folder that is synchronised ({part})"
    for above in file.parents:
        if any(any(above.glob(mark)) for mark in _MARKS):
            return f"in a folder that is synchronised ({above.name})"
    if str(file).startswith("\\\\"):
        return "on a network share"
    fields = [line.split() for line in mounts.splitlines()]
    over = [each for each in fields if len(each) > 2 and file.is_relative_to(each[1].replace("\\040", " "))]
    where = max(over, key=lambda each: len(each[1])) if over else ["", "/", ""]
    # The root is the computer's own, whatever it is mounted by: some containers have theirs by 9p.
    return f"on a network share ({where[2]})" if where[1] != "/" and where[2].startswith(_NETWORK) else None


def _could_be_guessed(path: Path) -> bool:
    kept = path.read_text(errors="replace").strip()
    return len(kept) < SHORTEST_SECRET or len(set(kept)) < FEWEST_SIGNS


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(errors="replace")
    except OSError:
        return ""  # not a Linux
