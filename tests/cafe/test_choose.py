"""The café's one link: straight in, a choice of tables, or nothing; and all tables at once for those who run it."""

import re

import pytest

from tests.cafe.conftest import Browser, cafe_of, close, desk_in, forms_in, planned


def link_of(desk: Browser, code: str) -> str:
    """The path of the café's link, as the text to send holds it."""
    page = desk.get(cafe_of(desk, code)).text
    return re.search(r"http://localhost(/c/[A-Z2-9]{6})", page).group(1)


def add_tables(desk: Browser, code: str, number: str, foundation: str = "co-design"):
    path = f"{cafe_of(desk, code)}/sessions"
    form = next(each for each in forms_in(desk.get(cafe_of(desk, code)).text) if each.get("action") == path)
    return desk.send(form, foundation=foundation, tables=number)


def tables_on(page: str) -> list[str]:
    return re.findall(r'<li><a href="/j/([A-Z2-9]{6})">', page)


def test_the_link_of_a_cafe_with_one_session_goes_straight_in(desk, newcomer):
    code = planned(desk)
    assert newcomer.get(link_of(desk, code)).location == f"/j/{code}"


def test_several_tables_are_a_choice_with_how_many_are_there(desk, newcomer):
    code = planned(desk)
    link = link_of(desk, code)
    assert add_tables(desk, code, "3").status_code == 303
    newcomer.join(code)
    page = Browser(newcomer.app).get(link).text
    assert len(tables_on(page)) == 4
    assert tables_on(page)[0] == code
    assert "1 person is there" in page
    assert "Nobody is there yet" in page


def test_what_a_table_is_called_is_words_whatever_they_look_like(desk, newcomer):
    code, harmful = planned(desk), "<svg onload=alert(1)>100% %(x)s"
    path = f"{cafe_of(desk, code)}/sessions"
    form = next(each for each in forms_in(desk.get(cafe_of(desk, code)).text) if each.get("action") == path)
    assert desk.send(form, foundation="co-design", label=harmful).status_code == 303
    newcomer.join(code)
    for page in (newcomer.get(link_of(desk, code)).text, desk.get(cafe_of(desk, code)).text):
        assert "<svg onload" not in page
        assert "&lt;svg onload=alert(1)&gt;100% %(x)s" in page


def test_whoever_holds_a_seat_is_led_back_to_it_first(desk, newcomer):
    code = planned(desk)
    link = link_of(desk, code)
    add_tables(desk, code, "2")
    newcomer.join(code)
    page = newcomer.get(link).text
    assert page.index(f'href="/s/{code}"') < page.index(f'href="/j/{code}"')
    assert "Go back to your seat" in page


def test_a_prepared_cafe_waits_and_its_link_stays_the_same(desk, newcomer):
    code = planned(desk, when="later")
    link = link_of(desk, code)
    answer = newcomer.get(link, follow_redirects=True)
    assert "not opened yet" in answer.text
    add_tables(desk, code, "2")
    assert "has not opened yet" in newcomer.get(link).text
    assert link_of(desk, code) == link


@pytest.mark.parametrize("typed", ["AAAAAA", "nothing", "K7Q-X4M", "%F0%9F%98%80", "A" * 300])
def test_an_unknown_code_is_not_found_like_everywhere(room, newcomer, typed):
    assert newcomer.get(f"/c/{typed}").status_code == newcomer.get(f"/c/{typed}/qr.svg").status_code == 404


def test_the_link_of_a_closed_cafe_opens_nothing(desk, newcomer):
    code = planned(desk)
    link = link_of(desk, code)
    assert newcomer.get(f"{link}/qr.svg").mimetype == "image/svg+xml"
    close(desk, code)
    assert (newcomer.get(link).status_code, newcomer.get(f"{link}/qr.svg").status_code) == (404, 404)


def test_the_code_of_the_link_is_typed_in_any_case_and_at_the_front_door_too(desk, newcomer):
    code = planned(desk)
    link = link_of(desk, code)
    add_tables(desk, code, "2")
    assert tables_on(newcomer.get(link.lower().replace("/c/", "/c/ ")).text)
    typed = newcomer.get("/", query_string={"code": link.removeprefix("/c/").lower()}, follow_redirects=True)
    assert typed.request.path == link
    assert newcomer.get("/", query_string={"code": code}).location == f"/j/{code}"


def test_four_tables_are_added_in_one_go_and_seen_at_once(desk, newcomer):
    code = planned(desk)
    assert add_tables(desk, code, "4").location.endswith("#tables")
    newcomer.join(code)
    newcomer.write(code)
    rows = desk.get(f"{cafe_of(desk, code)}/progress").json
    assert len(rows) == 5
    assert (rows[0]["code"], rows[0]["joined"], rows[1]["joined"]) == (code, 1, 0)
    page = desk.get(cafe_of(desk, code)).text
    assert page.count("<tr data-code=") == 5
    assert re.findall(r"/console/[A-Z2-9]{6}\">(Table \d)", page) == [f"Table {n}" for n in range(1, 6)]


@pytest.mark.parametrize("number", ["0", "13", "many"])
def test_too_many_tables_at_once_are_refused_beside_the_field(desk, number):
    code = planned(desk)
    assert "Add one to twelve tables at a time." in add_tables(desk, code, number).text


def test_progress_is_for_the_cafes_own_facilitators(app, desk, newcomer):
    path = f"{cafe_of(desk, planned(desk))}/progress"
    assert newcomer.get(path).status_code == 401
    assert desk_in(app, "Another Hospice").get(path).status_code == 404
