"""What we ship for the browser and did not write: all here, licensed, and asking for nothing elsewhere."""

import base64
import re
from pathlib import Path

import pytest

from cafe.static.vendor import vendor

STATIC = vendor.HERE.parent
FONTS_CSS = STATIC / "css" / "fonts.css"
NHSUK_CSS = vendor.HERE / "nhsuk-frontend" / "nhsuk-frontend.min.css"
STYLESHEETS = [*sorted(vendor.HERE.rglob("*.css")), FONTS_CSS]
SCRIPTS = sorted(vendor.HERE.rglob("*.js"))
PACKAGES = vendor.read_list()

each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
each_stylesheet = pytest.mark.parametrize("sheet", STYLESHEETS, ids=lambda path: path.name)
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)


def addresses_in(sheet: Path) -> list[str]:
    """Everything a stylesheet would make the browser fetch; data: brings its own content."""
    text = sheet.read_text(encoding="utf-8")
    asked = re.findall(r"url\(\s*[\"']?([^\"')]*)", text) + re.findall(r"@import\s+[\"']([^\"']*)", text)
    return [address for address in asked if not address.startswith("data:")]


# What is here


@each_package
def test_every_file_the_list_names_is_here_and_not_empty(package):
    for name in [*package.files, *package.by_hand]:
        assert (vendor.HERE / package.folder / name).stat().st_size > 0, name


@each_package
def test_a_licence_text_lies_beside_every_package(package):
    signs = {
        "MIT": "Permission is hereby granted",
        "Apache-2.0": "Apache License",
        "OFL-1.1": "SIL OPEN FONT LICENSE",
    }
    licence = (vendor.HERE / package.folder / "LICENCE.txt").read_text(encoding="utf-8")
    assert "Copyright" in licence
    assert signs[package.licence] in licence


@each_package
def test_the_list_pins_an_exact_version_and_its_fingerprint(package):
    method, _, digest = package.integrity.partition("-")
    assert re.fullmatch(r"\d+\.\d+\.\d+", package.version)
    assert method == "sha512"
    assert len(base64.b64decode(digest, validate=True)) == 64


def test_nothing_lies_here_that_the_list_does_not_name():
    named = {f"{package.folder}/{name}" for package in PACKAGES for name in [*package.files, *package.by_hand]}
    found = {path.relative_to(vendor.HERE).as_posix() for path in vendor.HERE.glob("*/*") if path.suffix != ".pyc"}
    assert found == named


# What it asks for


@each_stylesheet
def test_every_address_in_a_stylesheet_is_a_file_we_ship(sheet):
    for address in addresses_in(sheet):
        assert not re.match(r"[a-z]+:|/", address), f"{address} is not beside the stylesheet"
        assert (sheet.parent / address).is_file(), f"{address} is missing"


@each_stylesheet
def test_a_stylesheet_names_no_outside_host_and_no_source_map(sheet):
    text = sheet.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|sourceMappingURL|@import|/assets/", text)


@each_script
def test_a_script_loads_no_other_file(script):
    text = script.read_text(encoding="utf-8")
    assert "sourceMappingURL" not in text
    assert "/assets/" not in text
    assert not re.search(r"""\b(?:import|from)\s*\(?\s*["'`]""", text)
    assert not re.search(r"""(?:fetch|WebSocket|open|importScripts)\(\s*["'`](?:https?|wss?):""", text)


@each_script
def test_a_script_is_a_module_our_pages_can_import(script):
    assert re.search(r"\bexport\s*\{", script.read_text(encoding="utf-8"))


# Whose face it wears


def test_the_nhs_stylesheet_brings_no_web_font():
    text = NHSUK_CSS.read_text(encoding="utf-8").lower()
    assert "frutiger" not in text
    assert "@font-face" not in text
    assert "font-family:arial,sans-serif" in text


def test_every_font_file_we_ship_is_used_and_swaps_in():
    text = FONTS_CSS.read_text(encoding="utf-8")
    shipped = {path.name for path in (vendor.HERE / "atkinson-hyperlegible-next").glob("*.woff2")}
    assert {Path(address).name for address in addresses_in(FONTS_CSS)} == shipped
    assert text.count("font-display: swap") == text.count("@font-face") == len(shipped) == 4


@pytest.mark.parametrize(
    ("letter", "files"), [("a", 2), ("é", 2), ("£", 2), ("’", 2), ("Ł", 2), ("ŵ", 2), ("ŷ", 2), ("漢", 0)]
)
def test_a_letter_comes_from_one_file_a_weight_or_from_the_next_font_at_once(letter, files):
    ranges = re.findall(r"unicode-range:([^;]*)", FONTS_CSS.read_text(encoding="utf-8"))
    holding = [spans for spans in ranges if any(holds(span, ord(letter)) for span in spans.split(","))]
    assert len(holding) == files


def holds(span: str, letter: int) -> bool:
    first, _, last = span.strip().removeprefix("U+").partition("-")
    return int(first, 16) <= letter <= int(last or first, 16)


# How it is trimmed


def test_a_rule_with_a_picture_goes_with_its_companions_and_leaves_its_neighbours():
    sheet = (
        ".a{color:red}.b{background:url(/assets/images/x.svg)}"
        "@supports (mask-position:initial){.b{mask:url(/assets/images/x.svg)}@media print{.b{width:1rem}}}"
        "@media print{.a{color:#000}.b{color:#000}}/*# sourceMappingURL=x.css.map */"
    )
    assert vendor.trim_css(sheet) == ".a{color:red}@media print{.a{color:#000}}"


def test_a_web_font_goes_and_the_next_font_in_line_takes_over():
    sheet = "html{font-family:Frutiger W01,arial,sans-serif}@font-face{font-family:Frutiger W01;src:url(//x/y)}"
    assert vendor.trim_css(sheet) == "html{font-family:arial,sans-serif}"


@pytest.mark.parametrize("surprise", ["@import '//x/y.css';", ".a{background:url(//x/y)}", ".a{font:1em Frutiger}"])
def test_a_stylesheet_that_would_still_ask_for_something_is_refused(surprise):
    with pytest.raises(vendor.UnfitError):
        vendor.trim_css(surprise)


@pytest.mark.parametrize("path", [NHSUK_CSS, *SCRIPTS], ids=lambda path: path.name)
def test_what_we_ship_has_been_trimmed_already(path):
    content = path.read_bytes()
    assert vendor.trim(path.name, content) == content


def test_an_archive_other_than_the_one_agreed_is_refused(monkeypatch, tmp_path):
    stranger = tmp_path / "stranger.tgz"
    stranger.write_bytes(b"not what we agreed")
    monkeypatch.setattr(vendor, "pack", lambda package, into: stranger)
    with pytest.raises(vendor.UnfitError, match="integrity"):
        vendor.fetch(PACKAGES[0])


def test_one_bad_archive_means_nothing_is_written(monkeypatch, capsys):
    def refuse(package):
        raise vendor.UnfitError(f"{package.name} is not fit to ship.")

    monkeypatch.setattr(vendor, "fetch", refuse)
    monkeypatch.setattr(Path, "write_bytes", lambda *_: pytest.fail("something was written"))
    assert vendor.main() == 1
    assert "Nothing was written" in capsys.readouterr().err
