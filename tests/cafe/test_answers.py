"""What people answered at the close, as facilitators read it, and what keeps the guide back until they have."""

import lxml.html

from tests.cafe.conftest import Session, command, forms_in

NAMED = "Mr Unmistakable waited nine days"
KIND = "Carers want one number to ring"


def answer(at: Session, **answers: object) -> None:
    (result,) = at.phone().send(command("reflect", answers=answers))
    assert result["status"] == "applied"


def page_of(room: Session) -> tuple[object, str]:
    console = room.console()
    return console, console.get(f"/console/{room.code}/answers").text


def waiting(page: str):
    """The form of the first answer that waits for a look."""
    return next(form for form in forms_in(page) if "answer" in form.fields)


def guide(room: Session):
    return room.facilitator.get(f"/s/{room.code}/guide.json")


def test_facilitators_read_the_answers_and_nobody_else_does(room):
    answer(room, differently=KIND, room=4)
    _, page = page_of(room)
    assert KIND in page
    assert room.screen.get(f"/console/{room.code}/answers").status_code == 404
    assert room.participant().get(f"/console/{room.code}/answers").status_code in {401, 404}


def test_an_answer_that_may_say_who_someone_is_keeps_the_guide_back_until_it_is_looked_at(room):
    answer(room, differently=NAMED)
    assert (guide(room).status_code, guide(room).json["code"]) == (409, "look_first")
    console, page = page_of(room)
    folded = lxml.html.document_fromstring(page).xpath("string(//details[@class='masked'][not(@open)])")
    assert NAMED in folded
    assert console.send(waiting(page), quote="true").status_code == 303
    assert NAMED in guide(room).text


def test_an_answer_that_is_left_out_is_in_no_guide(room):
    answer(room, first=NAMED)
    answer(room, first=KIND)
    console, page = page_of(room)
    console.send(waiting(page), quote="false")
    assert guide(room).status_code == 200
    assert KIND in guide(room).text
    assert "Unmistakable" not in guide(room).text
    assert "Left out of the guide" in page_of(room)[1]


def test_answers_given_anew_are_looked_at_anew(room):
    phone = room.phone()
    phone.send(command("reflect", answers={"first": NAMED}))
    console, page = page_of(room)
    phone.send(command("reflect", answers={"first": NAMED + ", and nobody rang"}))
    console.send(waiting(page), quote="true")
    assert guide(room).status_code == 409
