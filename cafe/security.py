"""What keeps strangers out before any page runs: host names, origins, form tokens, and the headers of every answer."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import IO, TypeVar

from flask import Flask, Request, Response, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from cafe import visitors
from cafe.parts import parts
from cafe.settings import LOOPBACK, Settings
from sessions.permissions import Visitor

Environ = dict[str, object]
StartResponse = Callable[..., object]
T = TypeVar("T")
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


class Named(FormDataParser):
    """Reads forms without what has no name in them: no page of ours sends that, and no page could ask for it."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Return the rest of the stream, the fields and the files."""
        rest, fields, files = super().parse(stream, mimetype, content_length, options)
        return rest, self.cls(_with_names(fields.items(multi=True))), self.cls(_with_names(files.items(multi=True)))


def _with_names(parts_: Iterable[tuple[str | None, T]]) -> list[tuple[str, T]]:
    return [(name, part) for name, part in parts_ if name is not None]


class Asked(Request):
    """A request whose form is read so."""

    form_data_parser_class = Named


_GUARDED: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Of https alone: browsers heed them nowhere else, and one of them says so in everybody's console.
_SECURED: Mapping[str, str] = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}
# What is no page (Socket.IO's answers, a host that is not ours) may do nothing in a browser at all.
_BARE = "default-src 'none'; frame-ancestors 'none'"


def add_headers(response: Response) -> Response:
    """Give an answer the headers that keep a browser from doing what our pages never ask of it."""
    host = request.host
    response.headers["Content-Security-Policy"] = _POLICY.format(sockets=f"ws://{host} wss://{host}")
    response.headers.update(_for_every_answer(parts().settings))
    if request.endpoint in _MAY_BE_GONE_BACK_TO and request.args.get("view") != "console":
        response.headers.setdefault("Cache-Control", "private, no-cache")
    elif request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _for_every_answer(settings: Settings) -> dict[str, str]:
    return {**_GUARDED, **(_SECURED if settings.secure else {})}


def only_known_hosts(inner: Wsgi, settings: Settings) -> Wsgi:
    """Wrap the whole app, Socket.IO included, so that it answers only to its own names (DNS rebinding)."""
    every = {"Content-Security-Policy": _BARE, "Cache-Control": "no-store", **_for_every_answer(settings)}

    def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *told: object) -> object:
            given = {name.title() for name, _value in headers}
            missing = [(name, value) for name, value in every.items() if name.title() not in given]
            return start_response(status, [*headers, *missing], *told)

        if _host_name(str(environ.get("HTTP_HOST", ""))) not in settings.hosts:
            start("421 Misdirected Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"This address is not one this cafe answers to. See --address in the README.\n"]
        return inner(environ, start)

    return guarded


def origins(settings: Settings) -> Callable[[str, Environ], bool]:
    """Return what says of a socket's handshake whether it comes from a page of ours, as `check_origin` does."""
    return lambda origin, environ: _is_ours(origin, str(environ.get("HTTP_HOST", "")), settings)


def form_token(visitor: Visitor) -> str:
    """Return the token that this visitor's forms carry; it lasts as long as the visitor, so no old page loses words."""
    secret = parts().settings.secret.encode()
    return hmac.new(secret, f"form:{visitor.actor}".encode(), hashlib.sha256).hexdigest()


def seat_mark(visitor: Visitor) -> str:
    """Return what a phone may label the things it keeps for a seat with: the same for a seat, and telling nothing."""
    secret = parts().settings.secret.encode()
    return hmac.new(secret, f"mark:{visitor.actor}".encode(), hashlib.sha256).hexdigest()[:16]


def whence() -> str | None:
    """Return a digest of the address a request comes from, to be kept in memory alone; None where a proxy hides it.

    Only what as many proxies as there are (CAFE_PROXIES) have added to X-Forwarded-For is believed (ASVS 15.3.4).
    """
    settings = parts().settings
    if settings.secure and not settings.proxies:
        return None  # we serve plain http, so there is a proxy
    address = _sender(settings)
    if address is None:
        return None
    if isinstance(address, ipaddress.IPv6Address):  # whose last half everyone chooses as they like
        address = ipaddress.IPv6Address(int(address) >> 64 << 64)
    return hmac.new(settings.secret.encode(), f"whence:{address}".encode(), hashlib.sha256).hexdigest()[:16]


def in_the_open() -> bool:
    """Say whether others could read along: it is plain http, and does not come from this computer itself."""
    settings = parts().settings
    if settings.secure:
        return False
    unforeseen_proxy = not settings.proxies and "X-Forwarded-For" in request.headers
    address = _sender(settings)
    return unforeseen_proxy or address is None or not address.is_loopback


def check_form(visitor: Visitor) -> None:
    """Raise Forged when a cookie's form does not carry its visitor's token; where it came from was asked before."""
    if visitors.by_cookie() and not request.is_json and not has_token(visitor):
        raise Forged


def has_token(visitor: Visitor) -> bool:
    """Say whether the form that was sent carries this visitor's token."""
    return hmac.compare_digest(request.form.get("csrf", "").encode(), form_token(visitor).encode())


def check_origin(asked: Request) -> None:
    """Raise Forged when a browser says that another site sent this, or another port or name of the same one."""
    origin = asked.headers.get("Origin")
    if origin is not None and not _is_ours(origin, asked.host, parts().settings):
        raise Forged
    if asked.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise Forged


def _sender(settings: Settings) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address a request comes from, as far as our own proxies say."""
    hops = [request.remote_addr or "", *reversed(request.headers.get("X-Forwarded-For", "").split(","))]
    try:
        address = ipaddress.ip_address(hops[settings.proxies].strip())
    except (ValueError, IndexError):
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_ours(origin: str, host: str, settings: Settings) -> bool:
    """Say whether a browser's page comes from our address, or from the name by which we are being asked.

    Over https a page of the same name that came by plain http is not ours: anyone on the way could have made it.
    """
    own = {settings.address, f"https://{host.lower()}"}
    if not settings.secure or _host_name(host) in LOOPBACK:
        own.add(f"http://{host.lower()}")
    return origin in own


def _host_name(header: str) -> str | None:
    """Return the name in a Host header, or None when it is not a name or address with at most a port."""
    found = _HOST.fullmatch(header.lower())
    return found and (found["name"] or found["six"])


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer, and take nothing from a form that has no name."""
    app.request_class = Asked
    app.after_request(add_headers)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # Flask would answer these to anyone
    app.config["SECRET_KEY"] = settings.secret
