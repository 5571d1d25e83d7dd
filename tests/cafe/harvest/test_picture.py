"""The desk's picture: pictures and tables say the same, and neither tells of one or two."""

import csv
import io
from datetime import date

import lxml.html
import pytest

from cafe import figures
from tests.sessions.harvest.stock import cafe, said


@pytest.fixture
def desk(app):
    """A desk with enough on it to see something: nine cafés in two places and two years."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        for number in range(9):
            place = "Northvale" if number < 5 else "Southbank"
            here = cafe(db, place=place, held_on=date(2025 + number // 4 % 2, 4, 1))
            said(db, here, 3, ambitions=[1])
            said(db, here, 1, ambitions=[1, 2], foundation="leadership")
            said(db, here, 4, kind="step", status="done")
        said(db, here, 2, ambitions=[6], kind="example")


def rows(page: str, figure: str) -> dict[str, list[str]]:
    """What a table shows, row by row, as it is read aloud."""
    tree = lxml.html.document_fromstring(page)
    for silent in tree.xpath("//*[@aria-hidden='true']"):
        silent.drop_tree()
    found = tree.xpath(f"//div[@aria-labelledby='{figure}']//tbody/tr")
    return {row.find("th").text_content(): [cell.text_content() for cell in row.findall("td")] for row in found}


def dots(page: str, figure: str) -> int:
    tree = lxml.html.document_fromstring(page)
    return len(tree.xpath(f"//svg[@aria-labelledby='{figure}-drawn']//circle[@class='dot']"))


def test_tables_and_pictures_say_the_same(desk, member):
    page = member.get("/harvest/picture").text
    told = rows(page, "ambitions")
    assert told["Co-design"] == ["27", "0", "0", "0", "0", "not shown"]
    assert told["Leadership"] == ["9", "9", "0", "0", "0", "0"]
    assert told["All foundations"] == ["36", "9", "0", "0", "0", "not shown"]
    assert dots(page, "ambitions") == 3
    assert rows(page, "steps")["Co-design"] == ["36", "0", "0", "0", "0"]
    assert rows(page, "cafes")["All cafés"] == ["5", "4"]
    assert "From 9 cafés." in page


def test_a_part_of_the_cafes_is_taken_from_the_list(desk, member):
    page = member.get("/harvest/picture").text
    options = [option.get("value") for option in lxml.html.document_fromstring(page).xpath("//select/optgroup/option")]
    assert options == ["year:2025", "year:2026", "place:northvale", "place:southbank"]
    page = member.get("/harvest/picture", query_string={"of": "place:southbank"}).text
    assert rows(page, "ambitions")["Co-design"] == ["12", "0", "0", "0", "0", "not shown"]
    assert "All foundations" not in rows(page, "ambitions")
    assert "The picture so far: Southbank" in page


def test_the_numbers_come_as_csv_just_as_they_are_shown(desk, member):
    answer = member.get("/harvest/picture/ambitions.csv")
    assert answer.mimetype == "text/csv"
    [head, *lines] = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[0] == "Foundation"
    assert head[6].startswith("6 Each community")
    assert {line[0]: line[1:] for line in lines} == rows(member.get("/harvest/picture").text, "ambitions")
    assert member.get("/harvest/picture/people.csv").status_code == 404


def test_an_empty_desk_says_what_will_be_here(member):
    page = member.get("/harvest/picture").text
    assert "No café is at the desk yet" in page
    assert "<table" not in page
    for figure in ("ambitions", "settings", "cafes", "steps"):
        assert member.get(f"/harvest/picture/{figure}.csv").status_code == 200


def test_invented_cafes_are_said_to_be(app, member):
    with app.extensions["cafe"].store.unit_of_work() as db:
        said(db, cafe(db, invented=True, place="<i>Nowhere</i>"), 3, ambitions=[1])
    page = member.get("/harvest/picture").text
    assert "These cafés are invented" in page
    assert "<i>" not in page
    assert "invented-" in member.get("/harvest/picture/steps.csv").headers["Content-Disposition"]


def test_a_facilitator_sees_no_picture(desk, room):
    assert room.facilitator.get("/harvest/picture").status_code in {401, 403}
    assert room.facilitator.get("/harvest/picture/steps.csv").status_code in {401, 403}


def test_bars_share_one_scale_and_mark_what_is_not_shown():
    wide, narrow = figures.bars([(30, 0, 10), (10, None, 0)])
    assert [piece.which for piece in wide] == [0, 2]
    assert wide[0].width == pytest.approx(3 * narrow[0].width, abs=0.2)
    assert (narrow[1].which, narrow[1].number, narrow[1].width) == (1, None, figures.UNKNOWN)
    assert max(piece.x + piece.width for bar in (wide, narrow) for piece in bar) <= figures.WIDE


def test_a_dots_area_tells_its_number():
    assert figures.radius(100, 100) == figures.LARGEST
    assert figures.radius(25, 100) == figures.LARGEST / 2
