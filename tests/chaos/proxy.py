"""A bad network between phones and the server, for tests: a proxy that treats each request as it is told.

    with Proxy(server.address) as proxy:              # phones and browsers go to proxy.address
        proxy.treat = lambda request: Fault.UNANSWERED if request.is_for("/commands") else Fault.NONE
        proxy.treat = Sometimes(random.Random(1), 0.2)     # or: one request in five, a fault by chance
        proxy.cut_all()                                # and whoever is connected is cut off now

`treat` is asked for every HTTP request, for the request that opens a WebSocket, and again for every piece that a
client sends over a WebSocket (its method is then `FRAME`). A browser sends its sockets' origin along, so a server
behind this proxy is started with `--address` and the proxy's address (`Proxy.port` can be chosen beforehand).
"""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import Enum

MOST = 64 * 1024


class Fault(Enum):
    """What can happen to a request on its way."""

    NONE = "passed on"
    DROPPED = "cut before a word of it reaches the server"
    HALF_SENT = "cut when half of it has reached the server"
    UNANSWERED = "reaches the server whole, and is cut when the answer comes"
    HALF_OPEN = "taken, and never answered: the connection stays open"
    DELAYED = "reaches the server late, perhaps after the client has given up"
    TWICE = "reaches the server twice"


@dataclass(frozen=True)
class Request:
    """A request on its way: its first line's two words, and all of its bytes."""

    method: str
    path: str
    whole: bytes = field(repr=False)

    @property
    def opens_a_socket(self) -> bool:
        """Whether it asks for a WebSocket."""
        return b"upgrade: websocket" in self.whole.lower()

    def is_for(self, end: str) -> bool:
        """Whether its path ends like this, whatever it asks."""
        return self.path.partition("?")[0].endswith(end)


@dataclass(frozen=True)
class Sometimes:
    """Treats a share of all requests badly, each of the faults as often as any other."""

    dice: random.Random
    share: float
    faults: tuple[Fault, ...] = tuple(each for each in Fault if each is not Fault.NONE)

    def __call__(self, _request: Request) -> Fault:
        """Choose."""
        return self.dice.choice(self.faults) if self.dice.random() < self.share else Fault.NONE


class Proxy:
    """Listens on a port of its own, in a thread of its own, and passes on to one server."""

    def __init__(self, server: str, port: int = 0, delay: float = 1.0):
        self.treat: Callable[[Request], Fault] = lambda _request: Fault.NONE
        self.happened: Counter[Fault] = Counter()
        self.port, self.delay = port, delay
        self._server = tuple(server.rpartition("/")[2].split(":"))
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.Task] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def address(self) -> str:
        """Where phones go."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._listener = self._do(asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=MOST))
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._listener.close)
        self.cut_all()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def idle(self) -> bool:
        """Whether nothing is on its way."""
        return not self._connections

    def cut_all(self) -> None:
        """Cut every connection there is."""
        self._do(self._cut_all())

    def _do(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _cut_all(self) -> None:
        for each in self._connections:
            each.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0)  # for what was closed to be gone

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._request(reader, writer)

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Treat one request; a connection that is no WebSocket carries only one."""
        request = await _read(reader)
        fault = self._choose(request)
        if not await self._gets_through(fault, reader):
            return
        if fault is Fault.TWICE and not request.opens_a_socket:
            await self._forward(request)
        there, back = await asyncio.open_connection(*self._server, limit=MOST)
        with closing(back):
            back.write(request.whole[: len(request.whole) // 2] if fault is Fault.HALF_SENT else request.whole)
            await back.drain()
            if fault is Fault.HALF_SENT:
                return
            if fault is Fault.UNANSWERED:
                await there.read(MOST)
            elif request.opens_a_socket:
                await self._relay(reader, writer, there, back)
            else:
                await _pump(there, writer)

    async def _relay(self, reader, writer, there, back) -> None:
        """Carry a WebSocket until one side ends it."""
        answers = asyncio.create_task(_pump(there, writer))
        try:
            while piece := await reader.read(MOST):
                if not await self._piece(piece, reader, there, back, answers):
                    return
        finally:
            answers.cancel()

    async def _piece(self, piece: bytes, reader, there, back, answers: asyncio.Task) -> bool:
        """Treat one piece that a client sent over a WebSocket; return whether the connection goes on."""
        fault = self._choose(Request("FRAME", "", piece))
        if fault in {Fault.HALF_OPEN, Fault.UNANSWERED}:
            answers.cancel()
            await asyncio.wait([answers])
        if not await self._gets_through(fault, reader):
            return False
        back.write(piece[: len(piece) // 2] if fault is Fault.HALF_SENT else piece)
        if fault is Fault.TWICE:
            back.write(piece)
        await back.drain()
        if fault is Fault.UNANSWERED:
            await there.read(MOST)
        return fault not in {Fault.UNANSWERED, Fault.HALF_SENT}

    async def _gets_through(self, fault: Fault, reader: asyncio.StreamReader) -> bool:
        """Wait as the fault says; return whether anything of the request is to reach the server."""
        if fault is Fault.HALF_OPEN:
            while await reader.read(MOST):
                pass  # until the client gives up
        if fault is Fault.DELAYED:
            await asyncio.sleep(self.delay)
        return fault not in {Fault.DROPPED, Fault.HALF_OPEN}

    async def _forward(self, request: Request) -> None:
        """Have the server carry out a request whose answer nobody hears."""
        there, back = await asyncio.open_connection(*self._server, limit=MOST)
        with closing(back):
            back.write(request.whole)
            await back.drain()
            await there.read(MOST)

    def _choose(self, request: Request) -> Fault:
        fault = self.treat(request)
        self.happened[fault] += 1
        return fault


async def _read(reader: asyncio.StreamReader) -> Request:
    """Read one whole request, and have it ask for its connection to be closed after the answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, _, rest = head.partition(b"\r\n")
    method, path = first.decode("latin-1").split(" ")[:2]
    lines = [line for line in rest.split(b"\r\n") if line]
    names = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    body = await reader.readexactly(int(names.get(b"content-length", 0)))
    if b"upgrade" not in names:
        lines = [line for line in lines if not line.lower().startswith(b"connection:")] + [b"Connection: close"]
    return Request(method, path, b"\r\n".join([first, *lines, b"", body]))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on everything that comes, to the end."""
    with suppress(OSError):
        while piece := await reader.read(MOST):
            writer.write(piece)
            await writer.drain()
        writer.close()
