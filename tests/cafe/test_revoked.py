"""Who may not stay has gone within two seconds: whoever revoked, wherever it was done, however they are connected."""

import time

import pytest
import requests

from cafe import live as sockets
from sessions import links, passphrases, people
from sessions.permissions import Visitor
from sessions.store import find_session
from tests.cafe.conftest import PATIENCE, command, contribute
from tests.cafe.test_sockets import Live, Page, live, signed_in

__all__ = ["live"]  # a fixture of the sockets' own tests

MOST = 2.0  # seconds (issue 6, 4)
SLACK = 8.0  # a machine that has much else to do; the figure itself is counted

either_transport = pytest.mark.parametrize("transport", ["websocket", "polling"])


def watching(live: Live, token: str, view: str, transport: str = "websocket") -> Page:
    return live.page(token, view, transports=[transport]).up_to_date()


def seen_out(page: Page) -> float:
    """Wait until a page was told that it may not stay and its socket was closed; return how long that took."""
    since = time.perf_counter()
    page.wait_for(lambda: [event for event, _ in page.heard[-2:]] == ["gone", "disconnect"], MOST + SLACK)
    told = next(told for event, told in page.heard if event == "gone")
    assert told["code"] == "no_seat"
    assert told["say"].endswith(".")
    return time.perf_counter() - since


def stays(live: Live, page: Page) -> None:
    """Someone else's socket goes on hearing."""
    page.reach(live.post(live.seat(), contribute("Still here"))["head"])
    assert "gone" not in [event for event, _ in page.heard]


def test_the_server_looks_often_enough():
    assert 2 * sockets.LOOKS_EVERY <= MOST


@either_transport
def test_a_credential_revoked_by_another_process_closes_its_socket_alone(live, server, transport, counted):
    mine, others = live.seat(), live.seat()
    page, other = watching(live, mine, "phone", transport), watching(live, others, "phone", transport)
    with server.store.unit_of_work() as db:  # as the command line does, beside the server
        people.revoke(db, mine)
    counted(seconds=round(seen_out(page), 1))
    stays(live, other)


@pytest.mark.parametrize("view", ["console", "screen"])
def test_staff_who_are_sent_out_by_another_process_are_gone_from_console_and_screen(live, server, view):
    page = watching(live, live.opened.facilitator_token, view)
    screen = watching(live, live.opened.screen_token, "screen")
    with server.store.unit_of_work() as db:
        people.send_out(db, people.who_holds(db, live.opened.facilitator_token).facilitator_id)
    seen_out(page)
    stays(live, screen)


@either_transport
def test_whom_a_facilitator_removes_hears_nothing_more(live, transport):
    mine, others = live.seat(), live.seat()
    page, other = watching(live, mine, "phone", transport), watching(live, others, "phone")
    live.post(mine, idea := contribute("Rude words"))
    [result] = live.post(live.opened.facilitator_token, command("remove", contribution=idea["id"]))["results"]
    assert result["status"] == "applied"
    seen_out(page)
    stays(live, other)


@either_transport
def test_signing_out_in_another_window_closes_the_console(live, transport):
    web, page = signed_in(live)
    with web:
        other = live.page(None, "console", http_session=web, transports=[transport])
        assert other.watch(since=0)["code"] == "resync"
        web.post(f"{live.address}/sign-out", timeout=5, allow_redirects=False)
    seen_out(page)
    seen_out(other)


@either_transport
def test_a_new_passphrase_closes_the_consoles_of_those_who_came_by_the_old_one(live, server, transport, counted):
    with server.store.unit_of_work() as db:
        organisation = find_session(db, live.code).organisation_id
        old, _visitor = passphrases.replace(db, organisation, "old$hash")
        link = links.make(db, "passphrase", Visitor("facilitator", organisation))
    page, other = watching(live, old, "console", transport), watching(live, live.opened.facilitator_token, "console")
    told = {"passphrase": "kettle orchard marble"}
    assert requests.post(f"{live.address}/in/{link}", data=told, timeout=PATIENCE).status_code == 200
    counted(seconds=round(seen_out(page), 1))
    stays(live, other)


def test_a_session_that_is_gone_keeps_nobody(live, server):
    pages = [
        watching(live, live.seat(), "phone"),
        watching(live, live.opened.facilitator_token, "console"),
        watching(live, live.opened.screen_token, "screen"),
    ]
    with server.store.unit_of_work() as db:
        gone = find_session(db, live.code)
        db.exec_driver_sql("UPDATE session SET code = 'ZZZZZZ' WHERE id = ?", (gone.id,))
    try:
        for page in pages:
            seen_out(page)
    finally:
        with server.store.unit_of_work() as db:
            db.exec_driver_sql("UPDATE session SET code = ? WHERE id = ?", (live.code, gone.id))


def test_who_gave_up_the_seat_may_still_look_after_their_words(live):
    mine = live.seat()
    page = watching(live, mine, "phone")
    live.post(mine, idea := contribute("Mine to take back"))
    live.post(mine, command("leave"))
    told = page.socket.call("commands", {"commands": [command("withdraw", contribution=idea["id"])]}, timeout=5)
    assert told["results"][0]["status"] == "applied"
