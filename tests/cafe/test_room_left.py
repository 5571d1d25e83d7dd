"""Where the disk is nearly full no café is opened, kindly; one that is open already goes on."""

import shutil
from types import SimpleNamespace

import msgspec
import pytest

from cafe import settings
from tests.cafe.conftest import cafe_of, form_in, forms_in, plan, planned


@pytest.fixture
def nearly_full(monkeypatch):
    """A disk with 499 MB left."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=499_000_000))


def open_it(desk, code):
    path = cafe_of(desk, code)
    (form,) = [form for form in forms_in(desk.get(path).text) if (form.get("action") or "").endswith("/open")]
    return desk.send(form)


def test_a_session_is_prepared_and_not_opened(desk, nearly_full):
    answer = plan(desk, foundation="co-design", when="now", title="Tea and talk")
    assert answer.status_code == 200
    assert "499 MB are free, and opening takes 500 MB" in answer.text
    assert form_in(answer.text, title="Tea and talk") is not None
    code = planned(desk, when="later")
    refused = open_it(desk, code)
    assert refused.status_code == 409
    assert "Please have someone make room." in refused.text
    assert desk.app.test_client().get(f"/j/{code}").status_code == 200  # the waiting page


def test_a_cafe_that_is_open_goes_on(room, nearly_full):
    assert room.phone().post_idea()
    assert room.participant().write(room.code).status_code == 303


def test_how_much_is_needed_can_be_set(desk, nearly_full, monkeypatch):
    part = desk.app.extensions["cafe"]
    enough = msgspec.structs.replace(part.settings, spare_bytes=400_000_000)
    object.__setattr__(part, "settings", enough)
    assert planned(desk, when="now")


@pytest.mark.parametrize(("given", "megabytes"), [("", 500), ("20", 20), ("0", 0)])
def test_it_is_told_in_megabytes(monkeypatch, tmp_path, given, megabytes):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAFE_SPARE_MB", given)
    assert settings.settle().spare_bytes == megabytes * 10**6


def test_anything_else_is_no_number(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAFE_SPARE_MB", "much")
    with pytest.raises(ValueError, match="megabytes"):
        settings.settle()
