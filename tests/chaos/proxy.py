"""A bad network between phones and the server, for tests: a proxy that treats each request as it is told.

    with Proxy(server.address) as proxy:              # phones and browsers go to proxy.address
        proxy.treat = lambda request: Fault.UNANSWERED if request.is_for("/commands") else Fault.NONE
        proxy.treat = Sometimes(random.Random(1), {"POST": 0.2}, most=60)     # or: by chance
        proxy.cut_all()                                # and whoever is connected is cut off now

`treat` is asked for every HTTP request, for the request that opens a WebSocket, and again for every answer and every
frame (see `faults`). A browser sends its sockets' origin along, so a server behind this proxy is started with
`--address` and the proxy's address (`Proxy.port` can be chosen beforehand).
"""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress

from tests.chaos.faults import Fault, Request

MOST = 64 * 1024
ANSWER = b"43"  # how an acknowledgement begins in Socket.IO
BITS = 40  # what trickles comes in so many
BETWEEN_BITS = 0.005  # seconds


class Proxy:
    """Listens on a port of its own, in a thread of its own, and passes on to one server."""

    def __init__(self, server: str, port: int = 0, delay: float = 1.0):
        self.treat: Callable[[Request], Fault] = lambda _request: Fault.NONE
        self.happened: Counter[Fault] = Counter()
        self.port, self.delay = port, delay
        self.server = tuple(server.rpartition("/")[2].split(":"))
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.Task] = set()
        self._next = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def address(self) -> str:
        """Where phones go."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._listener = self._do(asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=MOST, backlog=1024))
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

    def choose(self, request: Request) -> Fault:
        """Say what happens to something on its way."""
        fault = self.treat(request)
        self.happened[fault] += 1
        return fault

    async def overtaken(self) -> None:
        """Wait until something else has reached the server; not for long, since perhaps nobody says anything."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._next.wait(), self.delay / 3)

    def arrived(self) -> None:
        """Note that something has reached the server."""
        self._next.set()
        self._next = asyncio.Event()

    def _do(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _cut_all(self) -> None:
        for each in self._connections:
            each.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0)  # for what was closed to be gone

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError, Cut):
            await _Link(self, reader, writer).carry()


class Cut(Exception):  # noqa: N818  # it is meant to happen
    """Both connections end here."""


class Silent(Exception):  # noqa: N818  # it is meant to happen
    """Nothing more comes or goes, but the client's connection stays open."""


class _Link:
    """One client's connection, and the one to the server that it leads to."""

    def __init__(self, proxy: Proxy, reader: StreamReader, writer: StreamWriter):
        self.proxy, self.reader, self.writer = proxy, reader, writer
        self.unanswered = False

    async def carry(self) -> None:
        """Treat one request; a connection that is no WebSocket carries only one."""
        request = await _read(self.reader)
        fault = self.proxy.choose(request)
        if fault is Fault.TWICE and not request.opens_a_socket:
            await self._forward(request)
        there, back = await asyncio.open_connection(*self.proxy.server, limit=MOST)
        with closing(back):
            try:
                await self._lead(request, fault, there, back)
            except Silent:
                while await self.reader.read(MOST):
                    pass  # until the client gives up

    async def _lead(self, request: Request, fault: Fault, there: StreamReader, back: StreamWriter) -> None:
        await self._pass_on(fault, request.whole, back)
        self.proxy.arrived()
        if fault is Fault.UNANSWERED:
            await there.read(MOST)
        elif request.opens_a_socket:
            self.writer.write(await there.readuntil(b"\r\n\r\n"))
            await _first(self._frames(back), self._push(there))
        else:
            answer = (await there.read()).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            await self._pass_on(self.proxy.choose(Request("ANSWER", request.path, answer)), answer, self.writer)

    async def _frames(self, back: StreamWriter) -> None:
        while True:
            frame = await _frame(self.reader)
            fault = self.proxy.choose(Request("FRAME", "", frame))
            self.unanswered = fault is Fault.UNANSWERED
            await self._pass_on(fault, frame, back, twice=True)
            self.proxy.arrived()

    async def _push(self, there: StreamReader) -> None:
        while True:
            frame = await _frame(there)
            if self.unanswered and _pushed(frame).startswith(ANSWER):
                raise Cut
            if self.unanswered:
                continue  # news that was on its way already
            await self._pass_on(self.proxy.choose(Request("PUSH", "", frame)), frame, self.writer, twice=True)

    async def _pass_on(self, fault: Fault, whole: bytes, to: StreamWriter, twice: bool = False) -> None:
        """Have bytes arrive as the fault says; raises Cut or Silent where the connection does not go on."""
        if fault is Fault.HALF_OPEN:
            raise Silent
        if fault is Fault.DELAYED:
            await asyncio.sleep(self.proxy.delay)
        if fault is Fault.OVERTAKEN:
            await self.proxy.overtaken()
        if fault is Fault.HALF_SENT:
            whole = whole[: len(whole) // 2]
        if fault is Fault.TRICKLED:
            await _trickle(whole, to)
        elif fault is not Fault.DROPPED:
            to.write(whole * 2 if fault is Fault.TWICE and twice else whole)
            await to.drain()
        if fault in {Fault.DROPPED, Fault.HALF_SENT}:
            raise Cut

    async def _forward(self, request: Request) -> None:
        """Have the server carry out a request whose answer nobody hears."""
        there, back = await asyncio.open_connection(*self.proxy.server, limit=MOST)
        with closing(back):
            back.write(request.whole)
            await back.drain()
            await there.read(MOST)


async def _first(*ways: Coroutine) -> None:
    """Wait until one of several ends, and end the others; what ended it is raised."""
    tasks = [asyncio.create_task(each) for each in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for each in done:
        each.result()


async def _trickle(whole: bytes, to: StreamWriter) -> None:
    step = max(1, len(whole) // BITS)
    for first in range(0, len(whole), step):
        to.write(whole[first : first + step])
        await to.drain()
        await asyncio.sleep(BETWEEN_BITS)


async def _frame(reader: StreamReader) -> bytes:
    """Read one whole frame of a WebSocket."""
    head = await reader.readexactly(2)
    length = await reader.readexactly(_length(head))
    mask = await reader.readexactly(4 if head[1] & 128 else 0)
    return head + length + mask + await reader.readexactly(int.from_bytes(length) if length else head[1] & 127)


def _pushed(frame: bytes) -> bytes:
    """Return what the server says in a frame."""
    return frame[2 + _length(frame) :]


def _length(head: bytes) -> int:
    """Return how many bytes more say how long a frame is."""
    return {126: 2, 127: 8}.get(head[1] & 127, 0)


async def _read(reader: StreamReader) -> Request:
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
