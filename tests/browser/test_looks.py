"""How pages look at every size: nothing sticks out or is cut in half, what matters is large, and pages are light."""

import re

import pytest

from tests.browser.playing import expect
from tests.browser.room import STAGES, Room, live, next_step, opened_on, send_button
from tests.browser.stock import stocked
from tests.browser.watching import SIZES

pytestmark = pytest.mark.browser

SETTLE = """() => document.fonts.ready.then(() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(done))))"""
STICKS_OUT = "() => document.scrollingElement.scrollWidth - innerWidth"
HUNG = """
() => {
  const list = document.getElementById("contributions"), box = list.getBoundingClientRect();
  const cards = [...list.children], shown = cards.filter((card) =>
    card.checkVisibility({visibilityProperty: true, opacityProperty: true}) && card.getClientRects().length);
  const boxes = shown.map((card) => card.getBoundingClientRect());
  const cut = (one) => one.top < box.top - 1 || one.bottom > box.bottom + 1 || one.left < box.left - 1 ||
    one.right > box.right + 1 || one.bottom > innerHeight + 1;
  const over = (one, other) => one.left < other.right - 1 && other.left < one.right - 1 &&
    one.top < other.bottom - 1 && other.top < one.bottom - 1;
  const words = (place) => shown[place].textContent.trim().replace(/\\s+/g, " ").slice(0, 60);
  return {
    all: cards.length,
    shown: shown.length,
    cut: boxes.flatMap((one, place) => cut(one) ? [words(place)] : []),
    over: boxes.flatMap((one, place) => boxes.slice(0, place).some((other) => over(one, other)) ? [words(place)] : []),
    overfull: shown.flatMap((card, place) => card.scrollHeight > card.clientHeight + 2 ? [words(place)] : []),
  };
}
"""
SMALL = """
(least) => {
  const small = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), holder = walk.currentNode.parentElement;
    if (!text || !holder.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    if (holder.closest(".visually-hidden, .skip, [aria-hidden=true]")) continue;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    if (size < least) small.push(`${size} px: ${text.slice(0, 40)}`);
  }
  return small;
}
"""
OFF_THE_WALL = """
() => [...document.querySelectorAll("h1, h2, p, li, th, td, strong, img")].filter((part) => {
  if (!part.checkVisibility({visibilityProperty: true, opacityProperty: true})) return false;
  if (part.closest(".visually-hidden, .skip")) return false;
  const box = part.getBoundingClientRect();
  return box.width > 1 && (box.top < -1 || box.bottom > innerHeight + 1 || box.left < -1 || box.right > innerWidth + 1);
}).map((part) => `${part.localName} ${part.textContent.trim().slice(0, 40)}`)
"""
WHITE = """
(picture) => {
  if (getComputedStyle(picture).backgroundColor === "rgb(255, 255, 255)") return true;
  const pen = Object.assign(document.createElement("canvas"), {width: 64, height: 64}).getContext("2d");
  pen.drawImage(picture, 0, 0, 64, 64);
  return [...pen.getImageData(1, 1, 1, 1).data].join() === "255,255,255,255";
}
"""


@pytest.fixture(scope="module")
def filled(server) -> tuple[Room, str]:
    """One full session for all looks at it, and a seat in it."""
    return stocked(Room(server, None, opened_on(server)))


@pytest.fixture
def full(filled, browsers) -> Room:
    """The full session, for this test's browsers."""
    return Room(filled[0].server, browsers, filled[0].opened)


def at(page, size: str):
    """Give a page a size and let it settle there."""
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(SETTLE)
    return page


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_sticks_out_sideways(full, filled, stage):
    full.go(stage)
    for page in (full.console(), full.phone(seat=filled[1])):
        live(page)
        page.evaluate("() => document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        for size in SIZES:
            assert at(page, size).evaluate(STICKS_OUT) <= 0, (page.url, size)


def test_no_page_for_anyone_sticks_out_sideways(room, browsers):
    page = browsers.open(room.server.address, cookies={"staff": room.opened.facilitator_token})
    for path in ("/", f"/j/{room.code}", "/sign-in", "/cafes", "/cafes/new"):
        page.goto(path)
        for size in SIZES:
            assert at(page, size).evaluate(STICKS_OUT) <= 0, (path, size)


# The screen


def test_no_card_on_the_screen_is_cut_covered_or_forgotten(full, record_property):
    full.go("post")
    screen = full.screen()
    live(screen)
    for size in ("beamer", "laptop", "wall"):
        hung = at(screen, size).evaluate(HUNG)
        record_property(f"cards on the screen, {size}", f"{hung['shown']} of {hung['all']}")
        assert (hung["cut"], hung["over"], hung["overfull"]) == ([], [], []), size
        assert hung["shown"] >= 3, size
        rest = hung["all"] - hung["shown"]
        if rest:
            expect(screen.get_by_text(f"and {'one' if rest == 1 else rest} more")).to_be_visible()


def test_cards_that_come_later_hang_whole_and_move_nothing(room):
    room.go("post")
    seat, screen = room.seat(), room.screen()
    live(screen)
    where: dict[str, tuple] = {}
    for number in range(14):
        room.idea(seat, f"Idea number {number}, with enough words in it to fill two or three lines of a card")
        expect(screen.locator("li[id^=contribution-]")).to_have_count(number + 1)
        hung = screen.evaluate(HUNG)
        assert (hung["cut"], hung["over"], hung["overfull"]) == ([], [], []), number
        now = screen.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll("#contributions > li")]
                 .filter((card) => card.checkVisibility({visibilityProperty: true}))
                 .map((card) => [card, card.getBoundingClientRect()])
                 .map(([card, box]) => [card.id, [Math.round(box.left), Math.round(box.top)]]))"""
        )
        stayed = where.keys() & now.keys()
        assert {name: now[name] for name in stayed} == {name: where[name] for name in stayed}
        where = now


@pytest.mark.parametrize("stage", STAGES)
def test_the_screen_fits_its_wall_and_can_be_read_from_the_back(full, stage):
    full.go(stage)
    screen = full.screen()
    live(screen)
    for size in SIZES:
        assert at(screen, size).evaluate(STICKS_OUT) <= 0, size
        if size != "phone":
            assert screen.evaluate("() => document.scrollingElement.scrollHeight - innerHeight") <= 0, size
            assert screen.evaluate(OFF_THE_WALL) == [], size
    assert at(screen, "wall").evaluate(SMALL, 28) == []
    for picture in screen.locator("#stage img[src*=qr]").all():
        assert picture.evaluate(WHITE)


def test_the_way_in_is_large(full):
    full.go("arrive")
    screen = full.screen()
    live(screen)
    at(screen, "wall")
    box = screen.locator("#stage img[src*=qr]").bounding_box()
    assert box["height"] >= 0.45 * 1080
    assert box["width"] == pytest.approx(box["height"], rel=0.02)
    code = screen.locator("#stage").get_by_text(f"{full.code[:3]} {full.code[3:]}", exact=True)
    assert float(code.evaluate("(code) => getComputedStyle(code).fontSize").removesuffix("px")) >= 96
    for size in ("beamer", "laptop", "wall"):
        at(screen, size)
        for part in (screen.locator("#stage img[src*=qr]"), code):
            expect(part).to_be_in_viewport(ratio=0.99)


def test_the_square_stays_white_in_the_dark(full):
    full.go("post")
    for page in (full.console(color_scheme="dark"), full.screen(color_scheme="dark")):
        for picture in page.locator("img[src*=qr]").all():
            assert picture.evaluate(WHITE)


# What must be in sight on a small phone


def test_what_to_do_next_is_in_sight_on_a_small_phone(room, browsers):
    page = browsers.open(room.server.address)
    page.goto(f"/j/{room.code}")
    expect(page.get_by_role("button", name="Join", exact=True)).to_be_in_viewport(ratio=0.99)
    room.go("post")
    page.get_by_role("button", name="Join", exact=True).click()
    expect(send_button(page)).to_be_in_viewport(ratio=0.99)
    expect(page.locator("#text")).to_be_in_viewport(ratio=0.99)
    expect(next_step(room.console("phone"))).to_be_in_viewport(ratio=0.99)


# How much comes over a hall's Wi-Fi


def weighed(page, path: str) -> dict[str, float]:
    """Open a page; return how many requests it makes, how many for fonts, and the kilobytes that come, fonts apart."""
    watch = page.context.new_cdp_session(page)
    watch.send("Network.enable")
    asked: dict[str, str] = {}
    came: dict[str, float] = {}
    watch.on("Network.requestWillBeSent", lambda told: asked.update({told["requestId"]: told["request"]["url"]}))
    watch.on("Network.loadingFinished", lambda told: came.update({told["requestId"]: told["encodedDataLength"]}))
    with page.expect_websocket():
        page.goto(path)
    live(page)
    page.wait_for_timeout(500)
    watch.detach()
    fonts = {request for request, url in asked.items() if re.search(r"\.woff2?$", url)}
    return {
        "requests": len(asked),
        "font_files": len(fonts),
        "fonts": sum(came[request] for request in fonts) / 1000,
        "all": sum(size for request, size in came.items() if request not in fonts) / 1000,
    }


@pytest.mark.parametrize(("view", "most"), [("phone", 60), ("console", 90), ("screen", 90)])
def test_pages_are_light(named_server, browsers, record_property, view, most):
    room = Room(named_server, browsers, opened_on(named_server))
    room.go("post")
    cookies = {
        "phone": {f"seat-{room.code}": room.seat()},
        "console": {"staff": room.opened.facilitator_token},
        "screen": {f"screen-{room.code}": room.opened.screen_token},
    }[view]
    page = browsers.open(named_server.address, cookies=cookies)
    path = f"/{'s' if view == 'phone' else view}/{room.code}"
    weight, again = weighed(page, path), weighed(page, path)
    said = f"{weight['requests']} requests, {weight['all']:.1f} kB and {weight['fonts']:.1f} kB of fonts"
    record_property(f"weight of the {view}", f"{said}; {again['all']:.1f} kB the second time")
    assert weight["all"] <= most
    assert weight["requests"] <= 12 or view != "phone"
    assert weight["font_files"] <= (0 if view == "phone" else 2)
    assert again["all"] + again["fonts"] <= 6 or view != "phone"
