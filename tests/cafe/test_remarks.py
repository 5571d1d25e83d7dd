"""What people said, word for word: a working file for the host, which no editor has touched."""

from lxml import html

from cafe.exports import REMARKS
from tests.cafe.conftest import cafe_of
from tests.cafe.guides import action, chapter, guide, written


def remarks(made):
    return html.fromstring(written(made, REMARKS))


def test_every_wording_stands_for_itself_and_the_title_of_a_group_is_nobodys_remark():
    group = action("A ring for carers", wordings=("Ring new carers", "Phone them"), holds=("a", "b"), verbatim=False)
    untitled = action("One page", wordings=("A page for families",), holds=("c", "d"))
    text = remarks(guide(chapter(actions=(group, untitled)))).text_content()
    assert all(said in text for said in ("Ring new carers", "Phone them", "One page", "A page for families"))
    assert "A ring for carers" not in text


def test_it_says_first_that_it_is_for_the_host_only():
    page = remarks(guide())
    assert page.find(".//h1").text_content() == "What people said, word for word"
    assert "For the host only" in page.text_content()
    assert "delete this file when you have checked" in page.text_content()


def test_where_nobody_posted_it_says_so():
    quiet = chapter(actions=(), also_said=(), local_examples=(), concerns=(), questions=())
    assert "Nobody posted anything here." in remarks(guide(quiet)).text_content()


def test_the_host_takes_them_away_from_the_desk_as_they_were_said(room):
    author = room.phone()
    author.post_idea("Ring them, please", share="team")
    author.post_idea("Only between us", share="room")
    desk = room.console()
    where = cafe_of(desk, room.code).replace("/cafes/", "/guides/") + "/remarks.html"
    answer = desk.get(where)
    assert "Ring them, please" in answer.text
    assert "Only between us" not in answer.text
    assert author.get(where).status_code in {401, 404}
