"""The desk is closed where others could read along: over plain http from anywhere but the computer itself."""

import msgspec
import pytest
from flask import Flask

from cafe.app import create_app
from tests.cafe.conftest import member_in

ELSEWHERE = {"REMOTE_ADDR": "192.168.1.20"}
JSON = {"Accept": "application/json"}


def test_over_plain_http_the_desk_opens_on_the_computer_itself_alone(member):
    assert member.get("/harvest").status_code == 200
    answer = member.get("/harvest", environ_overrides=ELSEWHERE)
    assert answer.status_code == 403
    assert "on the very computer that Evidence Café runs on" in answer.text
    assert member.get("/team", environ_overrides=ELSEWHERE).status_code == 200


@pytest.mark.parametrize("here", ["127.0.0.1", "127.4.4.4", "::1", "::ffff:127.0.0.1"])
def test_every_name_of_the_computer_itself_will_do(member, here):
    assert member.get("/harvest", environ_overrides={"REMOTE_ADDR": here}).status_code == 200


def test_whoever_comes_by_a_proxy_nobody_spoke_of_is_from_elsewhere(member):
    assert member.get("/harvest", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403


def test_programs_and_strangers_are_told_the_same(app, room, newcomer):
    bearer = {"Authorization": f"Bearer {room.opened.team_token}"}
    assert newcomer.get("/harvest", headers=bearer).status_code == 200
    for headers in (JSON | bearer, JSON):
        answer = newcomer.get("/harvest", headers=headers, environ_overrides=ELSEWHERE)
        assert (answer.status_code, answer.json["code"]) == (403, "in_the_open")


def behind(app: Flask, **settings: object) -> Flask:
    """The same installation with other settings."""
    parts = app.extensions["cafe"]
    return create_app(msgspec.structs.replace(parts.settings, **settings), parts.store)


def test_over_https_it_opens_from_everywhere(app):
    safe = behind(app, address="https://localhost")
    assert member_in(safe).get("/harvest", base_url="https://localhost", environ_overrides=ELSEWHERE).status_code == 200


def test_a_proxy_of_ours_says_who_comes_from_elsewhere(app):
    member = member_in(behind(app, proxies=1))
    assert member.get("/harvest", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 200
    assert member.get("/harvest", headers={"X-Forwarded-For": "127.0.0.1, 192.168.1.20"}).status_code == 403
    assert member.get("/harvest").status_code == 403
