"""LibreOffice, opening what we write as somebody's computer would."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PARTS = {".docx": "libswlo.so", ".xlsx": "libsclo.so"}  # each format is opened by a part that may be missing


def converted(file: Path, to: str, folder: Path) -> Path:
    """What LibreOffice makes of a file; the test is skipped where it is not installed, and fails so in CI."""
    office = shutil.which("soffice")
    if office is None or not (Path(office).resolve().parent / PARTS[file.suffix]).exists():
        if os.environ.get("CI"):
            pytest.fail("LibreOffice (Writer and Calc) must be there in CI")
        pytest.skip("this part of LibreOffice is not installed here")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    call = [office, profile, "--headless", "--convert-to", to, "--outdir", folder / "made", file]
    done = subprocess.run(call, capture_output=True, text=True, timeout=240, check=True)
    assert "rror" not in done.stdout + done.stderr
    [made] = (folder / "made").iterdir()
    return made
