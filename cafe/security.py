"""What keeps strangers out before any page runs: host names, origins, form tokens, and the headers of every answer."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request

from cafe import visitors
from cafe.parts import parts
from cafe.settings import Settings
from sessions.permissions import Visitor

Environ = dict[str, object]
StartResponse = Callable[..., object]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

_HOST = re.compile(r"(?:(?P<name>[a-z0-9.-]+)|\[(?P<six>[0-9a-f:.]+)\])(?::\d{1,5})?")
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self' {sockets}",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types patch",
    )
)


# A participant's pages: going back shows the same form with the same id, so that sending it again adds nothing.
_MAY_BE_GONE_BACK_TO = {"home.home", "join.join", "join.take_seat", "phone.phone", "protocol.carry_out"}


class Forged(Exception):  # noqa: N818  # or just an old page: the answer is kind
    """A form that did not come from a page of ours, or whose page is too old."""


def add_headers(response: Response) -> Response:
    """Give an answer the headers that keep a browser from doing what our pages never ask of it."""
    host = request.host
    response.headers["Content-Security-Policy"] = _POLICY.format(sockets=f"ws://{host} wss://{host}")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.endpoint in _MAY_BE_GONE_BACK_TO:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    elif request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if parts().settings.secure:
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def only_known_hosts(inner: Wsgi, settings: Settings) -> Wsgi:
    """Wrap the whole app, Socket.IO included, so that it answers only to its own names (DNS rebinding)."""

    def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if _host_name(str(environ.get("HTTP_HOST", ""))) not in settings.hosts:
            start_response("421 Misdirected Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"This address is not one this cafe answers to. See --address in the README.\n"]
        return inner(environ, start_response)

    return guarded


def origins(settings: Settings) -> list[str]:
    """Return the origins a browser's socket may come from: every known name, at the address's port and our own."""
    address = urlsplit(settings.address)
    places = {settings.address}
    for host in settings.hosts:
        name = f"[{host}]" if ":" in host else host
        for each in {address.port, settings.port}:
            places.add(f"{address.scheme}://{name}" + (f":{each}" if each else ""))
            places.add(f"http://{name}" + (f":{each}" if each else ""))
    return sorted(places)


def form_token(visitor: Visitor) -> str:
    """Return the token that this visitor's forms carry; it lasts as long as the visitor, so no old page loses words."""
    secret = parts().settings.secret.encode()
    return hmac.new(secret, f"form:{visitor.actor}".encode(), hashlib.sha256).hexdigest()


def seat_mark(visitor: Visitor) -> str:
    """Return what a phone may label the things it keeps for a seat with: the same for a seat, and telling nothing."""
    secret = parts().settings.secret.encode()
    return hmac.new(secret, f"mark:{visitor.actor}".encode(), hashlib.sha256).hexdigest()[:16]


def check_form(visitor: Visitor | None) -> None:
    """Raise Forged when a cookie's form does not carry its visitor's token; where it came from was asked before."""
    if visitor is not None and visitors.by_cookie() and not request.is_json and not has_token(visitor):
        raise Forged


def has_token(visitor: Visitor) -> bool:
    """Say whether the form that was sent carries this visitor's token."""
    return hmac.compare_digest(request.form.get("csrf", "").encode(), form_token(visitor).encode())


def check_origin(asked: Request) -> None:
    """Raise Forged when a browser says that another site sent this."""
    origin = asked.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != asked.host:
        raise Forged
    if asked.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Forged


def _host_name(header: str) -> str | None:
    """Return the name in a Host header, or None when it is not a name or address with at most a port."""
    found = _HOST.fullmatch(header.lower())
    return found and (found["name"] or found["six"])


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer."""
    app.after_request(add_headers)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # Flask would answer these to anyone
    app.config["SECRET_KEY"] = settings.secret
