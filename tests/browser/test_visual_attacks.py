"""Words that are meant to disturb others' cards: the neighbours stay where they are and as large as they are."""

import pytest

from tests.browser.room import Room, live

pytestmark = [pytest.mark.battery, pytest.mark.browser]

PLAIN = "Ring every new carer in the first week and ask how the nights are. "
ATTACKS = {
    "turned round": "\u202e\u2067" * 20 + "siht daer \u202b" * 30,
    "piled up": ("z" + "\u0335\u0301\u0e47" * 30) * 30,
    "piled up in Thai": "ส" + "\u0e47" * 600,
    "one long word": "W" * 1990,
    "many pictures": "😀" * 1990,
    "families": "👨‍👩‍👧‍👦" * 250,
    "wide ligatures": "\ufdfd" * 300,
    "many lines": "a\n" * 900,
    "joined without a shape": "a" + "\u200d\u2060\u034f" * 600,
}
BOXES = """() => ({
  over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  cards: Object.fromEntries([...document.querySelectorAll("li.card[id^=contribution-]")].map((card) => {
    const box = card.getBoundingClientRect();
    return [card.id, [Math.round(box.left), Math.round(box.width), Math.round(box.height)]];
  })),
  spills: [...document.querySelectorAll("li.card .words")].filter((words) =>
    words.scrollWidth > words.clientWidth + 1 && getComputedStyle(words).overflow === "visible").length,
})"""


@pytest.mark.parametrize("view", ["phone", "console", "screen"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_neighbours_are_as_wide_and_high_as_beside_plain_words(room: Room, view, attack):
    room.go("post")
    before, seat = room.idea(room.seat(), PLAIN), room.seat()
    changing = room.idea(seat, PLAIN * 25)
    after = room.idea(room.seat(), PLAIN)
    page = room.phone() if view == "phone" else getattr(room, view)()
    live(page)
    usual = page.evaluate(BOXES)
    assert room.send(seat, "reword", contribution=changing, text=ATTACKS[attack])["status"] == "applied"
    page.wait_for_function("text => !document.body.innerText.includes(text)", arg=(PLAIN * 6).strip())
    found = page.evaluate(BOXES)
    for neighbour in (before, after):
        card = f"contribution-{neighbour}"
        assert found["cards"][card][:2] == usual["cards"][card][:2]
        assert found["cards"][card][2] <= usual["cards"][card][2] + 2  # a row is as high as its highest card
    assert (found["over"], found["spills"]) == (usual["over"], usual["spills"])
