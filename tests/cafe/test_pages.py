"""Every page: who may open it, what protects it, and that nothing people type can change what it is."""

import gzip
import io
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import docx
import lxml.html
import msgspec
import pytest
import time_machine
from flask import Flask

from cafe import files
from cafe.app import create_app
from cafe.exports import FORMATS
from sessions import links, passphrases, people, world
from sessions.commands import Mistaken
from sessions.permissions import Visitor
from sessions.store import find_session
from tests.cafe.conftest import (
    WORDS,
    Browser,
    Session,
    cafe_of,
    command,
    contribute,
    desk_in,
    form_in,
    forms_in,
    fresh_id,
    opened_in,
    plan,
    planned,
    settings_for,
    vote,
)

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self' ws://localhost wss://localhost; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types patch"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ANYONE, SEAT, STAFF, SCREEN = range(4)
# Path, and the status for anyone, a seat, a facilitator and a screen, each with a browser.
MAP = (
    ("/", 200, 200, 200, 200),
    ("/?code=", 200, 200, 200, 200),
    ("/?code={code}", 303, 303, 303, 303),
    ("/healthz", 200, 200, 200, 200),
    ("/readyz", 200, 200, 200, 200),
    ("/limits", 200, 200, 200, 200),
    ("/words", 200, 200, 200, 200),
    ("/sign-in", 200, 200, 200, 200),
    ("/in/unknown", 404, 404, 404, 404),
    ("/j/{code}", 200, 200, 200, 200),
    ("/j/{code}/qr.svg", 200, 200, 200, 200),
    ("/j/AAAAAA", 404, 404, 404, 404),
    ("/j/AAAAAA/qr.svg", 404, 404, 404, 404),
    ("/s/{code}", 303, 200, 303, 303),
    ("/s/AAAAAA", 303, 303, 303, 303),
    ("/s/{code}/changes?view=phone", 401, 200, 401, 401),
    ("/s/{code}/changes?view=console", 401, 401, 200, 401),
    ("/s/{code}/changes?view=screen", 401, 401, 200, 200),
    ("/s/{code}/snapshot?view=phone", 401, 200, 401, 401),
    ("/s/{code}/snapshot?view=console", 401, 401, 200, 401),
    ("/s/{code}/snapshot?view=screen", 401, 401, 200, 200),
    ("/s/{code}/snapshot", 401, 200, 200, 200),
    ("/s/{code}/snapshot?view=nonsense", 404, 404, 404, 404),
    ("/s/{code}/commands", 405, 303, 303, 303),
    ("/s/{code}/guide.docx", 401, 401, 200, 401),
    ("/s/{code}/guide.html", 401, 401, 200, 401),
    ("/s/{code}/guide.json", 401, 401, 200, 401),
    ("/s/{code}/guide.exe", 401, 401, 404, 401),
    ("/console/{code}", 401, 401, 200, 401),
    ("/console/AAAAAA", 404, 404, 404, 404),
    ("/screen/{code}", 401, 401, 200, 200),
    ("/screen/AAAAAA", 404, 404, 404, 404),
    ("/cafes", 401, 401, 200, 401),
    ("/cafes/new", 401, 401, 200, 401),
    ("{cafe}", 401, 401, 200, 401),
    ("{cafe}/close", 401, 401, 200, 401),
    ("{cafe}/guide.docx", 401, 401, 200, 401),
    ("{cafe}/guide.html", 401, 401, 200, 401),
    ("{cafe}/guide.json", 401, 401, 200, 401),
    ("{cafe}/guide.exe", 401, 401, 404, 401),
    ("{cafe}/open", 405, 405, 405, 405),
    ("{cafe}/sessions", 405, 405, 405, 405),
    ("/cafes/unknown", 401, 401, 404, 401),
    ("/sign-out", 405, 405, 405, 405),
    ("/nonsense", 404, 404, 404, 404),
    ("/static/nonsense", 404, 404, 404, 404),
    ("/s/", 404, 404, 404, 404),
    ("/.env", 404, 404, 404, 404),
)  # fmt: skip


@pytest.fixture(scope="module")
def visitors(lasting) -> tuple[str, str, list[Browser]]:
    """A session's code, its café's address, and a browser of each kind of visitor."""
    return visitors_in(lasting)


@pytest.fixture(scope="module")
def passer_by(lasting) -> Browser:
    """A browser that looks in and keeps nothing."""
    return Browser(lasting)


def visitors_in(app) -> tuple[str, str, list[Browser]]:
    desk, seat, screen = desk_in(app), Browser(app), Browser(app)
    code = planned(desk, agenda="together", place="Old Library", host="Northvale Hospice", partners="A\nB")
    cafe = cafe_of(desk, code)
    seat.join(code)
    seat.write(code)
    with app.extensions["cafe"].store.unit_of_work() as db:
        session = find_session(db, code)
        link = links.make(db, "screen", Visitor("screen", session.organisation_id, session.id))
    screen.enter(link)
    return code, cafe, [Browser(app), seat, desk, screen]


def pages_of(visitors) -> Iterator[tuple[str, Browser]]:
    """Every page that answers 200 with HTML, for each kind of visitor."""
    code, cafe, browsers = visitors
    for path, *statuses in MAP:
        for browser, status in zip(browsers, statuses, strict=True):
            if status == 200 and not re.search(r"\.|healthz|readyz|limits|changes|snapshot", path):
                yield path.format(code=code, cafe=cafe), browser


# Who may open what


def test_every_address_answers_as_the_contract_says(visitors):
    code, cafe, browsers = visitors
    for path, *statuses in MAP:
        where = path.format(code=code, cafe=cafe)
        found = [browser.get(where).status_code for browser in browsers]
        assert found == statuses, path


def test_every_refusal_is_kind_and_says_a_sentence(visitors):
    code, cafe, browsers = visitors
    for path, *statuses in MAP:
        for browser, status in zip(browsers, statuses, strict=True):
            if status < 400:
                continue
            where = path.format(code=code, cafe=cafe)
            answer = browser.get(where, headers={"Accept": "application/json"})
            if not where.startswith("/in/"):
                assert set(answer.json) == {"code", "say"}, where
            answer = browser.get(where, headers={"Accept": "text/html"})
            if answer.mimetype == "text/html":
                assert re.search(r'<p class="lead">[A-Z][^<]+\.</p>|<h1>[^<]+</h1>', answer.text), where


def test_another_organisations_things_do_not_exist(visitors, lasting):
    code, cafe, (_, _, desk, _) = visitors
    stranger = Session(lasting, opened_in(lasting.extensions["cafe"].store)).console()
    paths = [f"/console/{code}", f"/screen/{code}", f"/s/{code}/guide.docx", f"/s/{code}/guide.json"]
    paths += [cafe, f"{cafe}/close", f"{cafe}/guide.docx", f"{cafe}/guide.json"]
    for path in paths:
        assert desk.get(path).status_code == 200, path
        answer = stranger.get(path)
        assert answer.status_code == 404, path
        unknown = path.replace(code, "AAAAAA").replace(cafe, "/cafes/00000000-0000-4000-8000-000000000000")
        assert answer.data == stranger.get(unknown).data, path
    token = re.search(r'name="csrf" value="(\w+)"', stranger.get("/cafes/new").text).group(1)
    for path in (f"{cafe}/open", f"{cafe}/close", f"{cafe}/sessions"):
        assert stranger.post(path, data={"csrf": token, "foundation": "co-design"}).status_code == 404, path
    assert "Open" in desk.get(cafe).text
    assert code not in stranger.get("/cafes").text
    assert stranger.post(f"/s/{code}/commands", json={"commands": [command("leave")]}).status_code == 404


def test_a_signed_in_facilitator_is_led_to_the_cafes(desk, newcomer):
    assert "/cafes" in desk.get("/").text
    assert "/sign-in" in newcomer.get("/").text


# What protects every answer


def test_every_answer_carries_the_protecting_headers(visitors):
    code, cafe, browsers = visitors
    for path, *_ in MAP:
        for browser in browsers:
            answer = browser.get(path.format(code=code, cafe=cafe))
            for name, value in HEADERS.items():
                assert answer.headers.get(name) == value, (path, name)
            gone_back_to = re.fullmatch(r"/(\?code=.*)?|/[js]/[^/]+", path)  # pages whose form must keep its id
            kept = "private, no-cache" if gone_back_to else "no-store"
            assert answer.headers["Cache-Control"] == kept, path
            assert "Strict-Transport-Security" not in answer.headers
            assert "Server" not in answer.headers
            answer.close()


def test_the_policy_names_the_host_that_was_asked(room, newcomer):
    answer = newcomer.get("/", base_url="http://127.0.0.1:8000")
    assert "connect-src 'self' ws://127.0.0.1:8000 wss://127.0.0.1:8000;" in answer.headers["Content-Security-Policy"]


def test_a_fault_of_ours_is_told_kindly_and_its_message_kept_out_of_the_log(app, room, newcomer, caplog):
    def fault():
        raise RuntimeError("words that someone typed")

    app.view_functions["home.home"] = fault
    answer = newcomer.get("/")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert answer.headers["Content-Security-Policy"] == CSP
    assert "typed" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
    assert newcomer.get("/", headers={"Accept": "application/json"}).json["code"] == "our_fault"


@pytest.mark.parametrize("path", ["/", "/healthz", "/socket.io/?EIO=4&transport=polling", "/static/x", "/j/ABCDEF"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.1", "localhost.", "", "evil@x"])
def test_an_unknown_host_is_421_everywhere(passer_by, path, host):
    answer = passer_by.get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert "EIO" not in answer.text


@pytest.mark.parametrize("host", ["[", "localhost]"])
def test_a_host_that_is_no_host_is_421(passer_by, host):
    assert passer_by.get("/healthz", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost:8000", "127.0.0.1", "127.0.0.1:1"])
def test_a_known_host_may_be_written_in_any_case_and_with_a_port(passer_by, host):
    assert passer_by.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["x@localhost", "x; script-src evil.example @localhost"])
def test_a_host_with_more_than_a_name_and_a_port_is_421(passer_by, host):
    assert passer_by.get("/healthz", headers={"Host": host}).status_code == 421


def test_nothing_on_any_page_comes_from_elsewhere(visitors):
    for path, browser in pages_of(visitors):
        answer = browser.get(path)
        tree = lxml.html.document_fromstring(answer.text)
        for element in tree.iter(lxml.etree.Element):
            for name, value in element.attrib.items():
                outside = re.match(r"\s*(?:https?:|wss?:)?//(?!localhost/)", value)
                assert not outside, (path, element.tag, name, value)


def test_no_page_has_scripts_styles_or_handlers_of_its_own(visitors):
    for path, browser in pages_of(visitors):
        tree = lxml.html.document_fromstring(browser.get(path).text)
        assert not tree.xpath("//script[not(@src)] | //style | //@style | //iframe | //object | //embed | //base"), path
        assert not [name for name in tree.xpath("//@*") if name.attrname.startswith("on")], path
        assert not [value for value in tree.xpath("//@href | //@src | //@action") if "javascript:" in value], path


def test_every_page_has_a_language_a_title_a_main_part_and_no_id_twice(visitors):
    for path, browser in pages_of(visitors):
        tree = lxml.html.document_fromstring(browser.get(path).text)
        assert tree.get("lang") == "en-GB", path
        assert tree.findtext(".//title").strip(), path
        assert len(tree.xpath("//main[@id='main']")) == 1, path
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids)), (path, sorted({each for each in ids if ids.count(each) > 1}))


@pytest.mark.parametrize("stage", ["arrive", "post", "vote", "reveal", "close"])
def test_no_id_stands_twice_at_any_stage(in_stages, stage):
    facilitator, seat, console = in_stages.facilitator, in_stages.participant(), in_stages.console()
    facilitator.send(command("go_to_stage", stage="post"))
    seat.write(in_stages.code, "An action")
    seat.write(in_stages.code, "A concern", kind="concern")
    facilitator.send(command("go_to_stage", stage="vote"))
    idea = facilitator.snapshot("console")["contributions"][0]["id"]
    in_stages.phone().send(vote(idea))
    facilitator.send(command("go_to_stage", stage=stage))
    for path, browser in (
        (f"/s/{in_stages.code}", seat),
        (f"/console/{in_stages.code}", console),
        (f"/screen/{in_stages.code}", console),
    ):
        ids = lxml.html.document_fromstring(browser.get(path).text).xpath("//@id")
        assert len(ids) == len(set(ids)), (path, sorted({each for each in ids if ids.count(each) > 1}))


def test_no_page_leads_nowhere(visitors):
    for path, browser in pages_of(visitors):
        tree = lxml.html.document_fromstring(browser.get(path).text)
        for link in sorted(set(tree.xpath("//@href | //@src"))):
            if link.startswith("#"):
                assert tree.xpath("//*[@id=$id]", id=link[1:]) or "code" in link, (path, link)
                continue
            answer = browser.get(link)
            assert answer.status_code in {200, 303}, (path, link)
            answer.close()


def test_a_closed_cafes_pages_lead_nowhere_that_is_not(app):
    code, cafe, (_, _, desk, _) = visitors_in(app)
    desk.send(forms_in(desk.get(f"{cafe}/close").text)[-1], to=f"{cafe}/close")
    for path in (cafe, f"/console/{code}", "/cafes", f"/screen/{code}"):
        for link in sorted(set(lxml.html.document_fromstring(desk.get(path).text).xpath("//@href | //@src"))):
            if link.startswith("/") and "/static/" not in link:
                assert desk.get(link).status_code in {200, 303}, (path, link)


# How it travels


def test_over_https_a_browser_is_told_to_stay_there_and_cookies_go_nowhere_else(database):
    settings = msgspec.structs.replace(settings_for(database), address="https://localhost")
    app = create_app(settings)
    try:
        opened = opened_in(app.extensions["cafe"].store)
        answer = app.test_client().post(f"/j/{opened.code}", data={"id": fresh_id()}, base_url="https://localhost")
    finally:
        app.extensions["cafe"].store.close()
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Secure" in answer.headers["Set-Cookie"]


def test_static_files_may_be_kept_for_a_year_since_their_address_changes(visitors):
    _, _, (anyone, *_) = visitors
    styles = re.findall(r'href="(/static/[^"]+\.css)"', anyone.get("/").text)
    assert styles
    for style in styles:
        assert re.match(r"/static/[0-9a-f]{12}/", style)
        answer = anyone.get(style)
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        answer.close()
    missing = anyone.get(styles[0].replace(".css", ".nope"))
    assert missing.status_code == 404
    assert "31536000" not in missing.headers.get("Cache-Control", "")


@pytest.mark.parametrize("path", ["../../cafe/app.py", "%2e%2e/%2e%2e/app.py", "..%5c..%5capp.py", "%2fetc/passwd"])
def test_nothing_beside_the_static_folder_is_served(visitors, passer_by, path):
    folder = re.search(r'href="(/static/\w+/)', passer_by.get("/").text).group(1)
    assert passer_by.get(folder + path, follow_redirects=True).status_code == 404


def test_pages_and_changes_are_compressed_for_those_who_ask(visitors):
    code, _, (_, seat, *_) = visitors
    for path in (f"/s/{code}", f"/s/{code}/changes?view=phone"):
        plain = seat.get(path)
        packed = seat.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert len(packed.data) < len(plain.data) / 2
        assert WORDS in gzip.decompress(packed.data).decode()


def test_head_answers_like_get_without_a_body(visitors):
    code, _, (anyone, seat, desk, _) = visitors
    for browser, path in ((anyone, "/"), (anyone, f"/j/{code}"), (seat, f"/s/{code}"), (desk, f"/console/{code}")):
        answer = browser.client.head(path)
        assert (answer.status_code, answer.data) == (200, b"")


# What people type stays what it is


PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</textarea><script>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=\"javascript:alert(1)\">here</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action=//evil.example><input name=csrf></form>",
    "</form><form action=//evil.example>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<style>*{background:url(//evil.example)}</style>",
    "<!-- --><!--",
    "]]><![CDATA[<x>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; &#60;x&#62;",
    "{{ 7*7 }} {% raw %} {# gone #} ${7*7} #{7*7}",
    "%(left)s %s %% %d %n",
    "<li id=stage data-rev=999999><p hidden>",
    "<math><mtext></mtext><mglyph><style><img src onerror=alert(1)>",
)  # fmt: skip


def skeleton(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page and the names of their attributes, without their contents."""
    found = lxml.html.document_fromstring(f"<html><body>{page}" if not page.lstrip().startswith("<!") else page)
    return [(element.tag, tuple(sorted(element.attrib))) for element in found.iter(lxml.etree.Element)]


def drawn_from(app: Flask, words: tuple[str, ...]) -> dict[str, str]:
    """All that each view draws where somebody wrote these words: page by page and patch by patch."""
    room = Session(app, opened_in(app.extensions["cafe"].store))
    author, browser, console = room.phone(), Browser(app), room.console()
    author.send(*map(contribute, words))
    assert tuple(each["text"] for each in author.snapshot("phone")["contributions"]) == words
    browser.client.set_cookie(f"seat-{room.code}", author.token)
    drawn = {
        "phone": browser.get(f"/s/{room.code}").text,
        "console": console.get(f"/console/{room.code}").text,
        "screen": console.get(f"/screen/{room.code}").text,
    }
    for view, someone in (("phone", author), ("console", room.facilitator), ("screen", room.screen)):
        for since in (0, 2):
            for place, patch in enumerate(someone.changes(view, since, epoch=room.opened.epoch).json["patches"]):
                drawn[f"{view} since {since}: {place}"] = patch["html"]
    return drawn


def test_words_are_shown_as_typed_and_add_nothing_to_any_page(lasting):
    typed = drawn_from(lasting, PAYLOADS)
    plain = drawn_from(lasting, tuple(f"Plain words {n}" for n in range(len(PAYLOADS))))
    assert typed.keys() == plain.keys()
    for place, page in typed.items():
        assert skeleton(page) == skeleton(plain[place]), place
        text = lxml.html.document_fromstring(page).text_content()
        for number, payload in enumerate(PAYLOADS):
            if f"Plain words {number}<" in plain[place]:
                assert payload in text, (place, payload)


def test_what_a_facilitator_types_adds_nothing_to_any_page(lasting):
    fields = ("title", "place", "host", "partners")

    def looks(words: tuple[str, ...]) -> list[str]:
        desk, told = desk_in(lasting, organisation=words[0]), dict(zip(fields, words, strict=True))
        mistaken = plan(desk, **told)
        code = planned(desk, "later", **told)
        cafe, waiting = cafe_of(desk, code), Browser(lasting).get(f"/j/{code}").text
        desk.send(next(form for form in forms_in(desk.get(cafe).text) if (form.get("action") or "").endswith("/open")))
        paths = (cafe, f"{cafe}/close", f"/console/{code}", f"/screen/{code}", "/cafes", f"/j/{code}")
        pages = [mistaken.text, waiting, *(desk.get(path).text for path in paths)]
        for word in words:
            assert word in lxml.html.document_fromstring(pages[2]).text_content(), word
        return [str(skeleton(page)) for page in pages]

    plain = looks(("Plain words",) * 4)
    for start in range(0, len(PAYLOADS), 4):
        assert looks(PAYLOADS[start : start + 4]) == plain, start


def test_what_a_stranger_types_adds_nothing_to_any_page(lasting):
    with lasting.extensions["cafe"].store.unit_of_work() as db:
        link = links.make(db, "setup")
    stranger = Browser(lasting)
    for path in ("/sign-in", f"/in/{link}"):
        plain = stranger.post(path, data={"organisation": "Plain words", "passphrase": "no"}).text
        for payload in PAYLOADS:
            typed = stranger.post(path, data={"organisation": payload, "passphrase": "no"}).text
            assert skeleton(typed) == skeleton(plain), (path, payload)
            assert any(form.fields.get("organisation") == payload for form in forms_in(typed)), (path, payload)
    for path in ("/j/{}", "/s/{}/changes", "/nonsense/{}", "/in/{}"):
        plain = stranger.get(path.format("Plain")).text
        for payload in PAYLOADS:
            assert stranger.get(path.format(quote(payload, safe=""))).text == plain or "/" in payload, (path, payload)


def test_words_never_reach_a_log(room, app, caplog):
    caplog.set_level(logging.DEBUG)
    phone, browser = room.phone(), room.participant()
    secret = "Mrs Unmistakable of Privet Lane"
    phone.send(
        contribute(secret),
        contribute(secret, draft=True),
        contribute(secret * 100),
        {**contribute(secret), "kind": secret},
        command(secret),
        vote(secret),
    )
    browser.write(room.code, secret)
    browser.write(room.code, secret, kind=secret, csrf=secret)
    path = f"/s/{room.code}/commands"
    phone.post(path, data=f"{{{secret}", content_type="application/json")
    phone.post(path, data=secret, content_type="text/plain")
    browser.get(f"/{secret}")
    browser.get("/", query_string={"code": secret})
    browser.post("/sign-in", data={"organisation": secret, "passphrase": secret})
    phone.changes("phone")
    phone.get(f"/s/{room.code}/guide.docx")
    assert room.facilitator.get(f"/s/{room.code}/guide.docx").status_code == 409
    for waiting in room.facilitator.snapshot("console")["contributions"]:
        room.facilitator.send(command("approve", contribution=waiting["id"]))
    assert room.facilitator.get(f"/s/{room.code}/guide.docx").status_code == 200
    written_down = [record.getMessage() + str(record.exc_info or "") for record in caplog.records]
    for each in written_down:
        for kept_quiet in ("Unmistakable", "Privet", phone.token, room.opened.facilitator_token):
            assert kept_quiet not in each


# The guide


def test_the_guide_comes_as_word_as_a_page_and_as_data(visitors):
    code, cafe, (_, _, desk, _) = visitors
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    for where in (f"/s/{code}", cafe):
        answer = desk.get(f"{where}/guide.docx")
        assert answer.mimetype == word
        assert re.fullmatch(r'attachment; filename="[\w.-]+\.docx"', answer.headers["Content-Disposition"])
        text = "\n".join(each.text for each in docx.Document(io.BytesIO(answer.data)).paragraphs)
        assert "Co-design" in text
        answer = desk.get(f"{where}/guide.html")
        assert answer.content_type == "text/html; charset=utf-8"
        assert re.fullmatch(r'attachment; filename="[\w.-]+\.html"', answer.headers["Content-Disposition"])
        assert WORDS in answer.text
        answer = desk.get(f"{where}/guide.json")
        assert answer.mimetype == "application/json"
        assert answer.json["chapters"][0]["foundation"] == "co-design"
        assert WORDS in answer.get_data(as_text=True)


def test_a_format_nobody_knows_is_not_there(visitors):
    code, cafe, (_, _, desk, _) = visitors
    for where in (f"/s/{code}", cafe):
        for form in ("exe", "DOCX", "docx.exe", "docx%00", "../docx", "py", "_", "%2e"):
            assert desk.get(f"{where}/guide.{form}").status_code == 404, form


def test_what_stays_in_the_room_is_in_no_guide(room):
    author = room.phone()
    author.post_idea("WORDS for the room", share="room")
    author.post_idea("WORDS taken back")
    author.post_idea("WORDS hidden")
    author.post_idea("WORDS draft", draft=True)
    author.post_idea("WORDS shared")
    cards = {each["text"]: each["id"] for each in author.snapshot("phone")["contributions"]}
    author.send(command("withdraw", contribution=cards["WORDS taken back"]))
    room.facilitator.send(command("hide", contribution=cards["WORDS hidden"]))
    told = room.facilitator.get(f"/s/{room.code}/guide.json").text
    assert re.findall(r"WORDS [\w ]+", told) == ["WORDS shared"]


def test_a_guide_of_a_session_without_a_word_is_still_a_guide(in_stages):
    for form in FORMATS:
        assert in_stages.facilitator.get(f"/s/{in_stages.code}/guide.{form}").status_code == 200


# The limits are true


@pytest.fixture
def limits(room, newcomer) -> dict[str, int]:
    return newcomer.get("/limits").json


def test_the_limits_name_what_is_enforced(limits):
    assert set(limits) >= {
        "commands_per_batch", "body_bytes", "text_characters", "line_characters", "missed_bytes_over_socket",
        "link_days", "setup_link_minutes", "passphrase_characters_at_least",
    }  # fmt: skip
    assert (limits["commands_per_batch"], limits["body_bytes"], limits["text_characters"]) == (20, 65536, 2000)


def test_limits_on_commands_hold(limits, room):
    phone, path = room.phone(), f"/s/{room.code}/commands"
    most = [contribute() for _ in range(limits["commands_per_batch"])]
    assert phone.batch(*most).status_code == 200
    assert phone.batch(*most, contribute()).status_code == 400
    at_most, more = ("x" * (limits["text_characters"] + beyond) for beyond in (0, 1))
    assert [each["status"] for each in phone.send(contribute(at_most), contribute(more))] == ["applied", "refused"]
    assert phone.post(path, data=b" " * limits["body_bytes"], content_type="application/json").status_code == 400
    assert phone.post(path, data=b" " * (limits["body_bytes"] + 1), content_type="application/json").status_code == 413


def test_limits_on_lines_and_passphrases_hold(limits, desk):
    path, most = "/cafes/new", limits["line_characters"]
    for beyond, status in ((0, 303), (1, 200)):
        form = form_in(desk.get(path).text, title="Evidence Café")
        told = {"title": "é" * (most + beyond), "foundation": "co-design", "when": "later"}
        assert desk.send(form, to=path, **told).status_code == status
    shortest = "larch vim owl quilt"[: limits["passphrase_characters_at_least"]]
    for passphrase, fine in ((shortest, True), (shortest[:-1], False)):
        try:
            passphrases.founding("Northvale", passphrase)
        except Mistaken:
            assert not fine
        else:
            assert fine


def test_limits_on_links_hold(limits, app, room):
    newcomer = Browser(app)
    lasting = {
        "setup": timedelta(minutes=limits["setup_link_minutes"]),
        "screen": timedelta(days=limits["link_days"]),
    }
    for opens, lasts in lasting.items():
        with app.extensions["cafe"].store.unit_of_work() as db:
            link = f"/in/{links.make(db, opens, people.who_holds(db, room.opened.screen_token))}"
        now = world.now()
        with time_machine.travel(now + lasts - timedelta(seconds=5)):
            assert newcomer.get(link).status_code == 200
        with time_machine.travel(now + lasts + timedelta(seconds=5)):
            assert newcomer.get(link).status_code == 404
            assert newcomer.post(link).status_code == 404


def test_static_files_come_compressed_to_those_who_ask_and_are_not_sent_twice(passer_by):
    style, icon = (
        re.search(rf'href="(/static/[^"]+{end})"', passer_by.get("/").text).group(1) for end in ("css", "svg")
    )
    for path, mimetype in ((style, "text/css"), (icon, "image/svg+xml")):
        plain = passer_by.get(path)
        packed = passer_by.get(path, headers={"Accept-Encoding": "gzip, deflate"})
        assert plain.mimetype == packed.mimetype == mimetype
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.data) == plain.data
        known = {"If-None-Match": packed.headers["ETag"], "Accept-Encoding": "gzip"}
        assert passer_by.get(path, headers=known).status_code == 304
        assert plain.headers["ETag"] != packed.headers["ETag"]


def test_a_font_is_not_compressed_again(passer_by):
    folder = re.search(r'href="(/static/\w+/)', passer_by.get("/").text).group(1)
    static = Path(__file__).parents[2] / "cafe" / "static"
    font = next(static.rglob("*.woff2"))
    path = folder + font.relative_to(static).as_posix()
    answer = passer_by.get(path, headers={"Accept-Encoding": "gzip"})
    assert (answer.mimetype, answer.headers.get("Content-Encoding")) == ("font/woff2", None)
    assert answer.data == font.read_bytes()


def test_scripts_are_sent_without_the_comments_that_stand_alone_and_otherwise_as_they_are(passer_by):
    folder = re.search(r'href="(/static/\w+/)', passer_by.get("/").text).group(1)
    sent = passer_by.get(folder + "js/wire.js").text
    written = (Path(__file__).parents[2] / "cafe" / "static" / "js" / "wire.js").read_text(encoding="utf-8")
    assert not [line for line in sent.splitlines() if re.match(r"\s*(//|/\*|\*)", line)]
    assert [line for line in written.splitlines() if not re.match(r"\s*(//|/\*|\*)| \*", line)] == sent.splitlines()
    vendored = passer_by.get(folder + "vendor/idb-keyval/idb-keyval.js").text
    assert vendored == (Path(__file__).parents[2] / "cafe/static/vendor/idb-keyval/idb-keyval.js").read_text()


def test_a_comment_beside_code_leaves_the_code_alone():
    source = b"/* one\n two */\na(); // three\n/* four */ b();\n  // five\nc('// six');\n/** seven */\nd();\n"
    assert files.COMMENTS.sub(b"", source) == b"a(); // three\n/* four */ b();\nc('// six');\nd();\n"
