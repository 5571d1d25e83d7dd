"""Malformed requests over HTTP: every route, method, header, cookie and body, and what is hardly HTTP any more."""

import random
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.hostile.oddities import any_batch, any_json, any_text

NAMES = (
    *(
        "csrf",
        "id",
        "do",
        "view",
        "text",
        "title",
        "host",
        "place",
        "purpose",
        "partners",
        "held_on-day",
        "back",
        "look",
    ),
    *("foundation", "agenda", "dots", "target", "targets", "contribution", "contributions", "answers.first", "answers"),
    *(
        "organisation",
        "passphrase",
        "code",
        "words",
        "ref",
        "base",
        "digest",
        "original",
        "cafes",
        "choose",
        "out",
        "in",
    ),
    *("language", "when", "status", "note", "measure", "seconds", "stage", "picture", "link", "alt", "on_behalf"),
)
QUESTIONS = (
    "view",
    "since",
    "epoch",
    "as",
    "code",
    "after",
    "lang",
    "name",
    "for",
    "EIO",
    "transport",
    "sid",
    "did",
    "j",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "PRI", "X" * 300)
KINDS = (
    *("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "", "*/*", "x"),
    *(
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "b" * 400,
        "application/json; charset=utf-7",
    ),
    *(
        "application/json; charset=\udc80x",
        "application/x-www-form-urlencoded; charset=rot13",
        "multipart/mixed; boundary=b",
    ),
)
VERSIONS = ("0.9", "1.0", "1.1", "2.0", "9.9", "x", "", "1", "1.1.1", "-1.1")
LENGTHS = ("-1", "1e3", "99999999999999999999", "+2", "0x2", "2, 2", "", " 2 2", "٢")
CHUNKS = (
    "x\r\n", "-1\r\n", "2\r\n{}", "2;" + "e" * 5000 + "\r\n{}\r\n0\r\n\r\n", "fffffffffffffffff\r\n{}", "\r\n",
    "2\r\n{}\r\n0\r\nA: b\r\n", "0\r\n", "1\r\n{}\r\n0\r\n\r\n", "2\n{}\n0\n\n",
)  # fmt: skip
PARTS = (
    "",
    "..",
    "%00",
    "%ED%A0%80",
    "%2e%2e%2f",
    "a" * 999,
    "%F0%9F%92%90",
    "%",
    "%zz",
    "{{7*7}}",
    ";a=b",
    "..%5c",
    "%0d%0aX:1",
)


@dataclass(frozen=True)
class Party:
    """One session, and what opens something there."""

    code: str
    cafe: str
    seat: str
    staff: str

    def known(self) -> dict[str, str]:
        """What may stand in a route, by its placeholder; no document's name, since they are made one at a time."""
        whole = {"code": self.code, "cafe_id": self.cafe, "guide_id": self.cafe, "foundation": "co-design"}
        return whole | {"form": "exe", "what": "facilitator", "filename": "css/cafe.css", "order": "x", "token": "x"}


@dataclass
class Place:
    """What the attackers know of an installation: where it is, its routes, and sessions with all their secrets."""

    host: str
    port: int
    routes: list[tuple[str, str]]
    parties: list[Party] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The Host header that is answered."""
        return f"{self.host}:{self.port}"

    def party(self, dice: random.Random) -> Party:
        """One of the sessions."""
        return dice.choice(self.parties)


@dataclass(frozen=True)
class Request:
    """What is sent, and whether it is whole, so that an answer is due."""

    sent: bytes
    whole: bool


def request(dice: random.Random, place: Place) -> Request:
    """A request: most are HTTP with something odd in it, some break the rules of HTTP itself."""
    return _within_http(dice, place) if dice.random() < 0.75 else _beyond_http(dice, place)


def _within_http(dice: random.Random, place: Place) -> Request:
    rule, method = dice.choice(place.routes)
    party = place.party(dice)
    if dice.random() < 0.1:
        method = dice.choice(METHODS[:7])
    kind, body = _body(dice)
    lines = [
        f"{method} {_path(dice, party if dice.random() < 0.9 else place.party(dice), rule)} HTTP/1.1",
        f"Host: {place.name}",
        *_headers(dice, place, party),
    ]
    if method in {"POST", "PUT", "PATCH"}:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    else:
        body = b""
    return Request(_bytes("\r\n".join(lines) + "\r\n\r\n") + body, whole=True)


def _path(dice: random.Random, party: Party, rule: str) -> str:
    def filled(placeholder: re.Match) -> str:
        good = party.known().get(placeholder[1])
        if good and dice.random() < 0.75:
            return good
        return dice.choice([*PARTS, quote(any_text(dice), errors="replace")])

    path = re.sub(r"<(?:[^<>]*:)?(\w+)>", filled, rule) or "/"
    if dice.random() < 0.05:
        path = dice.choice(["//evil.example/", "/./" + path, path + "/" * 40, "/static/../" + path, path + "%00"])
    asked = [f"{dice.choice(QUESTIONS)}={_query(dice)}" for _ in range(dice.choice([0, 0, 1, 2, 60]))]
    return _visible(path + ("?" + "&".join(asked) if asked else ""))


def _query(dice: random.Random) -> str:
    good = ("phone", "console", "screen", "data", "0", "1", "-1", "9" * 30, "4", "polling", "team", "cy", "%ED%A0%80")
    return dice.choice(good) if dice.random() < 0.7 else quote(any_text(dice).encode("utf-8", "surrogatepass"))


def _headers(dice: random.Random, place: Place, party: Party) -> list[str]:
    found = [f"Accept: {dice.choice(['text/html', 'application/json', '*/*', 'x;q=9', ';,q=', ''])}"]
    who = dice.random()
    if who < 0.25:
        found.append(f"Cookie: seat-{party.code}={party.seat}")
    elif who < 0.5:
        found.append(f"Cookie: staff={party.staff}")
    elif who < 0.7:
        found.append(f"Authorization: Bearer {dice.choice([party.seat, party.staff])}")
    elif who < 0.85:
        found.append(
            "Cookie: " + "; ".join(f"{any_text(dice)}={any_text(dice)}" for _ in range(dice.choice([1, 3, 50])))
        )
    else:
        found.append(f"Authorization: {dice.choice(['Bearer', 'Basic Og==', 'bearer  ', 'Bearer ' + any_text(dice)])}")
    odd = (
        "Origin",
        "Sec-Fetch-Site",
        "Accept-Language",
        "Accept-Encoding",
        "If-None-Match",
        "If-Modified-Since",
        "Range",
    )
    odd += (
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Content-Encoding",
        "Expect",
        "Referer",
        "Forwarded",
        "Cookie",
        "DNT",
    )
    usual = ("null", "cross-site", "bytes=0-,5-1", "gzip", "100-continue", "en;q=x,cy", f"http://{place.name}")
    for _ in range(dice.choice([0, 0, 1, 3])):
        value = dice.choice(usual) if dice.random() < 0.5 else any_text(dice)
        found.append(f"{dice.choice(odd)}: {value}")
    return [_visible(each) for each in found]


def _body(dice: random.Random) -> tuple[str, bytes]:
    """The kind that is said, and a body of that kind or of another."""
    kind, roll = dice.choice(KINDS), dice.random()
    if roll < 0.35:
        return "application/json", any_batch(dice).encode("utf-8", "surrogatepass")
    if roll < 0.65:
        return "application/x-www-form-urlencoded", _form(dice)
    if roll < 0.85:
        return f"multipart/form-data; boundary={dice.choice(['b', 'b', 'c', '', '--'])}", _multipart(dice)
    odd = [
        any_json(dice).encode("utf-8", "surrogatepass"),
        _form(dice),
        dice.randbytes(200),
        b"x" * 66_000,
        b"\x1f\x8b" + b"\0" * 40,
    ]
    return _visible(kind), dice.choice(odd)


def _form(dice: random.Random) -> bytes:
    pairs = [
        (dice.choice(NAMES) if dice.random() < 0.9 else any_text(dice), any_text(dice))
        for _ in range(dice.randrange(12))
    ]
    if dice.random() < 0.03:
        pairs *= 200
    coded = ["=".join(quote(each.encode("utf-8", "surrogatepass")) for each in pair) for pair in pairs]
    return ("&".join(coded) + dice.choice(["", "&&", "%", "=&=", "\x00"])).encode()


def _multipart(dice: random.Random) -> bytes:
    made = b""
    for _ in range(dice.choice([0, 1, 3, 30])):
        name = dice.choice([*NAMES, "file", any_text(dice)])
        told = dice.choice(
            ['form-data; name="%s"', 'form-data; name="%s"; filename="../x.docx"', "form-data; name=%s", "%s", ""]
        )
        head = f"--b\r\nContent-Disposition: {told % name if '%' in told else told}\r\n"
        head += dice.choice(
            ["", "Content-Type: image/png\r\n", "Content-Transfer-Encoding: base64\r\n", "X: " + "y" * 3000 + "\r\n"]
        )
        made += (
            _bytes(head)
            + b"\r\n"
            + dice.choice([b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04" + b"\0" * 30, dice.randbytes(99)])
            + b"\r\n"
        )
    return made + dice.choice([b"--b--\r\n", b"--b", b"", b"--b--\r\n--b--", b"\r\n"])


def _beyond_http(dice: random.Random, place: Place) -> Request:
    """Bytes that are no request, or one that says something other than what it sends."""
    host, code = f"Host: {place.name}\r\n", place.party(dice).code
    path, kind = dice.choice(["/join", "/sign-in", f"/j/{code}", f"/s/{code}/commands"]), dice.choice(KINDS[:3])
    post = f"POST {path} HTTP/1.1\r\n{host}Content-Type: {kind}; boundary=b\r\n"
    chunked = post + "Transfer-Encoding: chunked\r\n\r\n"
    made = dice.choice(
        [
            lambda: f"{dice.choice(METHODS)} / HTTP/{dice.choice(VERSIONS)}\r\n{host}\r\n",
            lambda: f"GET {any_text(dice)} HTTP/1.1\r\n{host}\r\n",
            lambda: f"GET / HTTP/1.1\r\nHost: {any_text(dice)}\r\n\r\n",
            lambda: f"GET / HTTP/1.1\r\n{host}{host}\r\n",
            lambda: "GET / HTTP/1.1\r\n\r\n",
            lambda: f"GET http://{place.name}/join HTTP/1.1\r\n{host}\r\n",
            lambda: "GET /" + "a" * dice.choice([8_000, 9_000, 70_000]) + f" HTTP/1.1\r\n{host}\r\n",
            lambda: f"GET / HTTP/1.1\r\n{host}" + f"X{any_text(dice)}: x\r\n" * dice.choice([1, 90, 400]) + "\r\n",
            lambda: f"GET / HTTP/1.1\r\n{host}X: {'y' * 70_000}\r\n\r\n",
            lambda: f"GET / HTTP/1.1\r\n{host} folded: x\r\n\tmore\r\n: none\r\nno colon\r\n\r\n",
            lambda: post + f"Content-Length: {dice.choice(LENGTHS)}\r\n\r\n" + "{}",
            lambda: post + "Content-Length: 500\r\n\r\n{}",
            lambda: post + "Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}",
            lambda: post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
            lambda: chunked + dice.choice(CHUNKS),
            lambda: post + "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            lambda: f"GET / HTTP/1.1\r\n{host}\r\n" * 20,
            lambda: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            lambda: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + any_text(dice),
            lambda: dice.randbytes(dice.choice([1, 40, 900])),
            lambda: "\r\n" * dice.choice([1, 200]),
            lambda: "GET / HTTP/1.1\r\nHo",
        ]
    )()  # fmt: skip
    return Request(made if isinstance(made, bytes) else _bytes(made), whole=False)


def _visible(text: str) -> str:
    """A text without what would end its line: breaking lines is tried elsewhere."""
    return text.replace("\r", "").replace("\n", "").replace(" ", "%20" if text.startswith("/") else " ")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
