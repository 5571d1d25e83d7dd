"""A file is brought to the harvest desk: looked at, taken in once, and taken out whole; by browser and command line."""

import io
import json

import msgspec
import pytest

from sessions import people
from sessions.harvest.models import Deed, Entry, Source
from sqlalchemy import select
from tests.bundles import as_data, as_file, held, line, made
from tests.cafe.conftest import Browser, forms_in, run_cafe

BUNDLES, NEW = "/harvest/bundles", "/harvest/bundles/new"


class Member(Browser):
    """Someone of the project team, signed in."""

    def bring(self, file: bytes, name: str = "for-the-team.zip"):
        """Choose a file, and look at what is in it."""
        form = forms_in(self.get(NEW).text)[-1]
        data = {**dict(form.form_values()), "file": (io.BytesIO(file), name)}
        return self.post(NEW, data=data, content_type="multipart/form-data")

    def take_in(self, file: bytes) -> str:
        """Bring a file and press the button; what the list of cafés says then."""
        form = next(form for form in forms_in(self.bring(file).text) if "held" in form.fields)
        answer = self.post(NEW, data=dict(form.form_values()), content_type="multipart/form-data")
        assert answer.status_code == 303, answer.text
        return self.get(answer.location).text


@pytest.fixture
def member(app, room) -> Member:
    return signed_in(app)


def signed_in(app) -> Member:
    someone = Member(app)
    with app.extensions["cafe"].store.unit_of_work() as db:
        token = people.test_member(db)
    someone.client.set_cookie("staff", token)
    return someone


def at_the_desk(app) -> list[tuple[str, str]]:
    with app.extensions["cafe"].store.reading() as db:
        return [tuple(row) for row in db.execute(select(Entry.text, Entry.gone).order_by(Entry.id))]
