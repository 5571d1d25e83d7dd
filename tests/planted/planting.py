"""A copy of the whole tree with one bug in it, and what the tests say of that copy.

Each `*.patch` here says in its first line what is wrong, then which tests catch it (`Caught by …`), then how to plant
it. They are small and will rot as the code goes on: `git apply` says so, and then the bug is planted anew by hand.
"""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
COPIED = ("bench", "cafe", "docs", "sessions", "tests", "pyproject.toml", "README.md", "CONTRIBUTING.md", "SECURITY.md")
LONGEST = 1800  # seconds


@dataclass(frozen=True)
class Bug:
    """One planted bug: its name, what is wrong, and the tests that catch it."""

    name: str
    says: str
    caught_by: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What tests said: how many passed, which found something by an assertion, and which could not be run."""

    passed: int
    by_assertion: frozenset[str]
    broken: tuple[str, ...]


_ASSERTIONS = ("assert ", "AssertionError", "Failed: DID NOT RAISE")


def bugs() -> list[Bug]:
    """Every bug there is a patch for."""
    return [_read(path) for path in sorted(HERE.glob("*.patch"))]


def copy(to: Path) -> Path:
    """Copy what is tested, and its tests but for these here, into a folder; return it."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("planted"))
        else:
            shutil.copy2(ROOT / name, to / name)
    return to


def plant(bug: Bug, copied: Path) -> None:
    """Plant a bug in a copy; raises where the code has gone on so that it fits nowhere any more."""
    told = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", HERE / f"{bug.name}.patch"],
        cwd=copied,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(copied.parent)},  # or a repository around it is meant
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, f"{bug.name} fits nowhere any more: {told.stderr}"


def tried(copied: Path, *asked: str) -> Found:
    """Run tests against a copy, in a process of their own, and return what they found."""
    report = copied / "report.xml"
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("BATTERY", "PYTEST"))}
    told = subprocess.run(
        [sys.executable, "-m", "pytest", f"--junitxml={report}", *asked],
        cwd=copied,
        env={**surroundings, "PYTHONPATH": str(copied)},  # before the tree that is installed here
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert report.exists(), told.stdout + told.stderr
    return _judged(ElementTree.parse(report).getroot())


def _read(path: Path) -> Bug:
    lines = path.read_text().splitlines()
    caught = (line.removeprefix("Caught by ") for line in lines if line.startswith("Caught by "))
    return Bug(path.stem, lines[0], tuple(caught))


def _judged(report: ElementTree.Element) -> Found:
    cases = list(report.iter("testcase"))
    failures = [(case.get("name", ""), told.get("message", "")) for case in cases for told in case.findall("failure")]
    return Found(
        passed=sum(not len(case) for case in cases),
        by_assertion=frozenset(name.partition("[")[0] for name, said in failures if said.startswith(_ASSERTIONS)),
        broken=tuple(f"{case.get('name')}: {told.get('message')}" for case in cases for told in case.findall("error")),
    )
