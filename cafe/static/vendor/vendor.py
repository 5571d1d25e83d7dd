"""For maintainers: fetch the browser files named in VENDOR.toml again, check, trim and write them here.

Needs npm and the network; the app itself needs neither. To take a new version, change `version` and
`integrity` in VENDOR.toml, run `python cafe/static/vendor/vendor.py`, and read the difference it makes.

Stylesheets lose what would make a browser ask for more: web fonts, pictures, source maps. A rule that shows
a picture goes together with all its companions (same selector), because a mask without its picture is a
solid square, while a browser without the rule draws its own control. Nothing is written unless all passed.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
EMPTY_GROUP = re.compile(r"@[^{};]+\{\s*\}")
CSS_MAP = re.compile(r"\s*/\*# sourceMappingURL=.*?\*/", re.DOTALL)
JS_MAP = re.compile(r"^//# sourceMappingURL=.*\n?", re.MULTILINE)
LEFT_OVER = re.compile(
    r"/assets/|frutiger|@font-face|@import|sourceMappingURL|url\(\s*[\"']?(?:https?:)?//", re.IGNORECASE
)


class UnfitError(Exception):
    """A fetched archive or file is not what we agreed to ship."""


@dataclass(frozen=True)
class Package:
    """One entry of VENDOR.toml."""

    name: str
    version: str
    integrity: str
    licence: str
    folder: str
    changes: str
    files: dict[str, str]
    by_hand: list[str]


def read_list() -> list[Package]:
    """Every package that VENDOR.toml names."""
    listed = tomllib.loads((HERE / "VENDOR.toml").read_text(encoding="utf-8"))
    return [Package(**entry) for entry in listed["package"]]


def pack(package: Package, into: Path) -> Path:
    """Ask npm for the archive of one package; npm runs none of its scripts."""
    npm = shutil.which("npm")
    if npm is None:
        raise UnfitError("npm is not on this machine; it is needed to fetch browser files.")
    wanted = f"{package.name}@{package.version}"
    asked = [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(into), wanted]
    subprocess.run(asked, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - names come from VENDOR.toml
    (archive,) = into.glob("*.tgz")
    return archive


def integrity(archive: bytes) -> str:
    """The archive's fingerprint as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode("ascii")


def unpack(archive: Path, package: Package) -> dict[str, bytes]:
    """The files we ship from an archive, under the names they have here."""
    shipped = {}
    with tarfile.open(archive) as tar:
        for name, path in package.files.items():
            member = tar.extractfile(f"package/{path}")
            if member is None:
                raise UnfitError(f"{package.name}: {path} is not a file.")
            shipped[name] = trim(name, member.read())
    return shipped


def trim(name: str, content: bytes) -> bytes:
    """A file as we ship it: stylesheets and scripts trimmed, everything else untouched."""
    trimmer = {".css": trim_css, ".js": trim_js}.get(Path(name).suffix)
    return trimmer(content.decode("utf-8")).encode("utf-8") if trimmer else content


def trim_js(script: str) -> str:
    """A script without the comment that asks for its source map."""
    return JS_MAP.sub("", script)


def trim_css(sheet: str) -> str:
    """A stylesheet that asks for nothing beyond itself."""
    sheet = CSS_MAP.sub("", sheet).replace("Frutiger W01,", "")
    unwanted = {selector for selector, body in RULE.findall(sheet) if "/assets/" in body} | {"@font-face"}
    sheet = without_empty_groups(RULE.sub(lambda rule: "" if rule[1] in unwanted else rule[0], sheet))
    left = LEFT_OVER.search(sheet)
    if left:
        raise UnfitError(f"The stylesheet still says {left[0]!r}: teach vendor.py about it.")
    return sheet


def without_empty_groups(sheet: str) -> str:
    """A stylesheet without the @media and @supports groups that have nothing left inside."""
    while (emptier := EMPTY_GROUP.sub("", sheet)) != sheet:
        sheet = emptier
    return sheet


def fetch(package: Package) -> dict[str, bytes]:
    """One package's files, once its archive proved to be the one in VENDOR.toml."""
    with tempfile.TemporaryDirectory() as folder:
        archive = pack(package, Path(folder))
        found = integrity(archive.read_bytes())
        if found != package.integrity:
            raise UnfitError(f"{package.name} {package.version} has integrity {found}; VENDOR.toml says otherwise.")
        return unpack(archive, package)


def main() -> int:
    """Fetch everything, then write everything."""
    try:
        fetched = {package.folder: fetch(package) for package in read_list()}
    except (UnfitError, KeyError, subprocess.CalledProcessError) as why:
        sys.stderr.write(f"Nothing was written. {why}\n")
        return 1
    for folder, files in fetched.items():
        (HERE / folder).mkdir(exist_ok=True)
        for name, content in files.items():
            (HERE / folder / name).write_bytes(content)
            sys.stdout.write(f"{folder}/{name}  {len(content)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
