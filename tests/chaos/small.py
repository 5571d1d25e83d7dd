"""A small disk of its own, where this machine lets one be mounted."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

MEGABYTES = 24


@contextmanager
def small_disk(folder: Path):
    """Mount a small disk on a folder for a while; skip the test where that is not allowed."""
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("mounting a small disk takes Linux and root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nothing be mounted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Fill a disk to its last byte, and return the file that does."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return ballast


def only_read(folder: Path, yes: bool = True) -> None:
    """Mount a disk anew, to be only read, or as before."""
    subprocess.run(["mount", "-o", f"remount,{'ro' if yes else 'rw'}", folder], check=True)
