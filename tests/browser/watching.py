"""Browsers that pass over nothing: errors, policy violations, failed requests and foreign hosts all fail the test."""

from collections.abc import Callable
from contextlib import contextmanager
from urllib.parse import urlsplit

SIZES = {"phone": (360, 640), "beamer": (800, 600), "laptop": (1366, 768), "wall": (1920, 1080)}
STATUS_SAID = "Failed to load resource: the server responded with a status"  # noted from the response itself
LET_GO = "net::ERR_ABORTED"  # the page itself let go of it, by being left
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


LOSE_WEBSOCKETS = """
// What a page sees of a proxy that lets no handshake through.
WebSocket = class {
  constructor() {
    setTimeout(() => {
      this.onerror?.(new Event("error"));
      this.onclose?.(new CloseEvent("close", { code: 1006 }));
    }, 20);
  }
  close() {}
};
"""


class Watch:
    """What one browser complains of."""

    def __init__(self, context, address: str, scripted: bool):
        self.scripted = scripted
        self.faults: list[str] = []
        self.allowed: set[int] = set()  # statuses that the test itself brings about
        self.cut = False  # the test itself takes the network or the server away
        self.host = urlsplit(address).netloc
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"page error: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)
        context.on("page", lambda page: page.on("websocket", lambda socket: self._host_of(socket.url)))

    def _console(self, message):
        text = message.text
        if message.type != "error" or text.startswith(STATUS_SAID):
            return
        if not (self.cut and ("net::ERR_" in text or "WebSocket" in text)):
            self._note(f"console: {text} {message.location.get('url', '')}")

    def _request(self, request):
        self._host_of(request.url)

    def _host_of(self, url: str):
        place = urlsplit(url)
        if place.scheme not in {"data", "blob", "about"} and place.netloc != self.host:
            self._note(f"another host: {url}")

    def _failed(self, request):
        if request.failure == "csp" and not self.scripted and request.url.endswith(".js"):
            return  # how Chromium says that scripts are off; a real violation is on the console as well
        if not self.cut and request.failure != LET_GO:
            self._note(f"failed: {request.failure} {request.method} {request.url}")

    def _response(self, response):
        if response.status >= 400 and response.status not in self.allowed:
            self._note(f"status {response.status}: {response.request.method} {response.url}")

    def _note(self, fault: str):
        self.faults.append(fault)


class Browsers:
    """One browser for each person: cookies of its own, a size, and a watch over it."""

    def __init__(self, new_context: Callable):
        self._new_context = new_context
        self._watches: dict = {}

    def open(self, address: str, size: str = "phone", cookies: dict[str, str] | None = None, **options):
        """Open a browser that knows these cookies of an address, and return its first page."""
        width, height = SIZES[size]
        context = self._new_context(base_url=address, viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(10_000)
        context.add_init_script(TELL_VIOLATIONS)
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in (cookies or {}).items()])
        self._watches[context] = Watch(context, address, options.get("java_script_enabled", True))
        return context.new_page()

    def allow(self, page, *statuses: int) -> None:
        """Let a browser meet these statuses, since the test asks for them."""
        self._watches[page.context].allowed.update(statuses)

    def cut(self, *pages) -> None:
        """From now on the test itself cuts the network of these browsers, or stops their server."""
        for page in pages:
            self._watches[page.context].cut = True

    def block_websockets(self, page) -> None:
        """Have every WebSocket of a browser fail in its handshake, as behind many a hospital's proxy."""
        self.cut(page)
        page.context.add_init_script(LOSE_WEBSOCKETS)

    def block_sockets(self, page) -> None:
        """Leave a browser plain requests only: neither WebSocket nor long-polling."""
        self.block_websockets(page)
        page.context.route("**/socket.io/**", lambda route: route.abort())

    @contextmanager
    def offline(self, page):
        """A browser without a network for a while."""
        self.cut(page)
        page.context.set_offline(True)
        yield
        page.context.set_offline(False)

    @property
    def faults(self) -> list[str]:
        """Everything that any browser has complained of."""
        for context in self._watches:
            for page in context.pages[:1]:
                page.wait_for_timeout(0)  # lets what has been reported arrive
        return [fault for watch in self._watches.values() for fault in watch.faults]
