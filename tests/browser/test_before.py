"""Before the day, in a real browser: every form with axe and at every size, and the pack as a PDF that can be read."""

import io
import re
import shutil
import subprocess

import pytest
import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room, live, opened_on
from tests.browser.watching import SIZES

pytestmark = pytest.mark.browser
STICKS_OUT = "() => document.scrollingElement.scrollWidth - innerWidth"
A4 = (595, 842)  # points
DOTS = 150  # to the inch, when a page is looked at


def cafe_of(room: Room, page) -> str:
    """Open the console and return the address of its café's page."""
    page.goto(f"/console/{room.code}")
    return page.locator("a[href^='/cafes/']").filter(has_not_text=re.compile("^$")).first.get_attribute("href")


def desk(room: Room, size: str = "laptop", **options):
    return room.browsers.open(room.server.address, size, {"staff": room.opened.facilitator_token}, **options)


def chart() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (400, 300), "navy").save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out_at_the_desk(room, browsers, scheme):
    page = desk(room, color_scheme=scheme)
    cafe = cafe_of(room, page)
    running = f"{cafe}/sessions/{room.code}"
    found = []
    for path in ("", "/particulars", "/invitation", "/print"):
        page.goto(cafe + path)
        found += violations(page)
    for path, slip in ((running, "#budget"), (f"{running}/evidence", None), (f"{cafe}/particulars", "#title")):
        page.goto(path)
        found += violations(page)
        if slip:
            page.locator(slip).fill("")
            page.locator("#label, #place").first.fill("x" * 300)
        page.get_by_role("button", name=re.compile("^Save"), include_hidden=False).last.click()
        expect(page.locator(".nhsuk-error-summary")).to_be_visible()
        found += violations(page)
        for width in (320, SIZES["phone"][0]):
            page.set_viewport_size({"width": width, "height": 640})
            assert page.evaluate(STICKS_OUT) <= 0, path
        page.set_viewport_size(dict(zip(("width", "height"), SIZES["laptop"], strict=True)))
    assert found == []


def test_a_picture_is_on_the_screen_and_on_phones_as_soon_as_it_is_saved(room, browsers):
    room.go("evidence")
    screen, phone = room.screen(), room.phone()
    live(screen)
    live(phone)
    page = desk(room)
    page.goto(f"{cafe_of(room, page)}/sessions/{room.code}/evidence")
    page.get_by_label("A picture").check()
    expect(page.get_by_label("Address of the page")).to_be_hidden()
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "chart.png", "mimeType": "image/png", "buffer": chart()}
    )
    page.get_by_label("What the picture shows").fill("A blue chart")
    page.get_by_role("button", name="Save and show").click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    for view in (screen, phone, page):
        picture = view.get_by_role("img", name="A blue chart")
        expect(picture).to_be_visible()
        assert picture.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 400
    page.get_by_role("button", name="Take it away").click()
    for view in (screen, phone):
        expect(view.get_by_role("img", name="A blue chart")).to_have_count(0)


def test_the_invitation_is_copied_without_the_clipboard_of_scripts(named_server, browsers):
    room = Room(named_server, browsers, opened_on(named_server))
    page = desk(room)
    page.goto(f"{cafe_of(room, page)}/invitation")
    assert page.evaluate("() => window.isSecureContext") is False
    page.get_by_role("button", name="Copy the text").click()
    expect(page.get_by_role("status").filter(has_text=re.compile("Copied|selected"))).to_be_visible()
    words = page.locator("#invitation").input_value()
    assert page.evaluate(
        "() => { const f = document.activeElement; return f.selectionEnd - f.selectionStart; }"
    ) == len(words)
    assert f"{named_server.address}/c/" in words


# On paper


def run(*call: str, sent: bytes | None = None) -> str:
    return subprocess.run(call, check=True, capture_output=True, input=sent).stdout.decode()


@pytest.fixture
def pack(named_server, browsers, tmp_path):
    """The whole pack as a PDF, and the room it is for, at an address that stays."""
    if not all(map(shutil.which, ("pdftotext", "pdfinfo", "pdftoppm"))):
        pytest.skip("poppler is not installed")
    room = Room(named_server, browsers, opened_on(named_server))
    page = desk(room)
    cafe = cafe_of(room, page)
    page.goto(f"{cafe}/particulars")
    page.locator("#wifi_name").fill('Guests; "upstairs"')
    page.locator("#wifi_password").fill("tea for two")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{cafe}/print")
    page.evaluate("() => document.fonts.ready")
    path = tmp_path / "pack.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    return room, path


def pages_of(path) -> list[str]:
    return run("pdftotext", "-layout", str(path), "-").split("\f")[:-1]


def modules(text: str) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(text)
    code.make(fit=True)
    return code.modules


def printed(picture: Image.Image, side: int) -> list[list[bool]]:
    """The dark and light squares of the code in the box that holds all that is dark in a picture."""
    dark = picture.convert("L").point(lambda light: 255 if light < 128 else 0)
    dark = dark.crop(dark.getbbox())
    step = dark.width / side
    return [
        [dark.getpixel((int((x + 0.5) * step), int((y + 0.5) * step))) > 0 for x in range(side)] for y in range(side)
    ]


def on_paper(path, code, folder) -> Image.Image:
    """What the first page of a PDF has where a picture stands on its sheet."""
    run("pdftoppm", "-r", str(DOTS), "-l", "1", "-singlefile", "-png", str(path), f"{folder}/page")
    sheet = code.evaluate("(img) => { const b = img.closest('section').getBoundingClientRect(); return [b.x, b.y]; }")
    box = code.evaluate(
        "(img) => { const b = img.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; }"
    )
    return Image.open(folder / "page.png").crop(
        tuple(round((edge - sheet[place % 2]) * DOTS / 96) for place, edge in enumerate(box))
    )


def test_the_pack_is_pages_of_a4_with_words_that_can_be_read(pack):
    room, path = pack
    told = run("pdfinfo", str(path))
    sizes = [
        tuple(round(float(each)) for each in found) for found in re.findall(r"Page size:\s+([\d.]+) x ([\d.]+)", told)
    ]
    assert sizes == [A4]
    sheets = pages_of(path)
    prompts = len(room.snapshot("screen")["prompts"]) or 4
    assert len(sheets) >= 4 + prompts // 2
    whole = " ".join("".join(sheets).split())
    for words in ("Take part with your phone", f"{room.code[:3]} {room.code[3:]}", "cafe.test", "tea for two",
                  "Choose what matters most to you", "Running order", "Checklist for the host",
                  "Three weeks before", "The week before", "On the day", "Afterwards"):  # fmt: skip
        assert words in whole, words
    assert "With your browser" not in whole
    checklist = [sheet for sheet in sheets if "Three weeks before" in sheet]
    assert "Ask after the small steps" in " ".join(checklist[0].split())


def test_the_codes_on_the_printed_poster_lead_into_the_room_and_its_network(pack, tmp_path):
    room, path = pack
    page = desk(room, "wall")
    page.goto(f"{cafe_of(room, page)}/print?sheet=poster")
    expected = {
        "QR code to join": f"{room.server.address}/j/{room.code}",
        "QR code for the Wi-Fi": 'WIFI:S:Guests\\; \\"upstairs\\";T:WPA;P:tea for two;;',
    }
    for name, text in expected.items():
        code = page.get_by_role("img", name=name)
        wanted = modules(text)
        assert printed(on_paper(path, code, tmp_path), len(wanted)) == wanted, name
