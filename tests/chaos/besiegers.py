"""What besiegers do to a server, each in a process of its own: bombs, endless frames, connections, floods."""

import json
import multiprocessing
import socket
import threading
import time
import uuid
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from tests.hostile.line import PATIENCE, Gone, Line, frame

MEGABYTE = 1_000_000
BOMB_MEGABYTES, FRAME_MEGABYTES = 300, 100
HANDSHAKES, SLOW_READERS = 2000, 500
FLOOD = 1000  # commands a second
_MORE_AT_ONCE = 100  # connections that are opened before the next are waited for


class Besieger:
    """One of these functions, going on in a process of its own until it is called off."""

    def __init__(self, attack: Callable[..., None], *told: object):
        spawning = multiprocessing.get_context("spawn")
        self._over = spawning.Event()
        self._came, far = spawning.Pipe(duplex=False)
        self._process = spawning.Process(target=attack, args=(self._over, far, *told), daemon=True)
        self._process.start()

    def wait_at_work(self) -> None:
        """Wait until it has begun."""
        assert self._came.poll(PATIENCE), "an attacker came to harm"
        self._came.recv()

    def call_off(self) -> Counter[str]:
        """End it, and return what it came to."""
        self._over.set()
        assert self._came.poll(PATIENCE), "an attacker came to harm"
        came: Counter[str] = self._came.recv()
        return came

    def stop(self) -> None:
        """Leave nothing running, whatever happened."""
        self._process.kill()
        self._process.join()


def bombs_and_endless_frames(over: Event, tell: Connection, host: str, port: int) -> None:
    """Send compressed frames that would swell, and frames that do not end, as often as there is time for."""
    packer = zlib.compressobj(9, wbits=-15)
    zeros = bytes(MEGABYTE)
    bomb = b"".join(packer.compress(zeros) for _ in range(BOMB_MEGABYTES)) + packer.flush()
    pieces = [frame(1, bytes(65536), last=False), *[frame(0, bytes(65536), last=False)] * (FRAME_MEGABYTES * 16)]
    attacks = {
        "bombs": [frame(1, bomb, odd=4)],
        "endless frames": [frame(1, b"", says=FRAME_MEGABYTES * MEGABYTE), *[zeros] * FRAME_MEGABYTES],
        "endless pieces": pieces,
    }
    came: Counter[str] = Counter()
    tell.send("at work")
    while not over.is_set():
        for name, chunks in attacks.items():
            came[f"{name} {'cut off' if _is_cut_off(host, port, chunks) else 'taken'}"] += 1
        over.wait(0.2)
    tell.send(came)


def _is_cut_off(host: str, port: int, chunks: list[bytes]) -> bool:
    """Say whether the server lets go of whoever sends this, rather than listen to its end."""
    line = Line(host, port)
    try:
        line.upgrade(f"{host}:{port}")
        for chunk in chunks:
            line.send(chunk)
        line.socket.settimeout(5)
        while line.socket.recv(65536):
            pass
    except Gone:
        return True
    except OSError as error:
        return not isinstance(error, TimeoutError)
    finally:
        line.close()
    return True


def handshakes(over: Event, tell: Connection, host: str, port: int) -> None:
    """Connect again and again without saying who one is, half by WebSocket and half by polling."""
    came: Counter[str] = Counter()
    poll = f"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    held: list[Line] = []
    tell.send("at work")
    while not over.is_set():
        with suppress(OSError, Gone):
            line = Line(host, port)
            if len(held) % 2:
                line.upgrade(f"{host}:{port}")
                came["handshakes let in"] += 1
            else:
                status, *_ = line.ask(poll.encode())
                came["handshakes let in" if status == 200 else "handshakes turned away"] += 1
            held.append(line)
        if len(held) >= HANDSHAKES:
            for each in held:
                each.close()
            held.clear()
    tell.send(came)


def slow_readers(
    over: Event, tell: Connection, host: str, port: int, code: str, token: str, rev: int, epoch: str
) -> None:
    """Watch a session with many sockets and read nothing of what comes."""
    wanted = {"session": code, "view": "phone", "since": rev, "epoch": epoch, "as": "data"}
    watch = "420" + json.dumps(["watch", wanted])
    held: list[Line] = []
    tell.send("at work")
    while not over.is_set() and len(held) < SLOW_READERS:
        line = Line(host, port)
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.upgrade(f"{host}:{port}")
        line.say("40" + json.dumps({"token": token}))
        line.say(watch)
        held.append(line)
    over.wait()
    tell.send(Counter({"slow readers": len(held)}))


def flood(over: Event, tell: Connection, host: str, port: int, code: str, token: str, rev: int, epoch: str) -> None:
    """Send a thousand ideas a second from one seat, and count what they are answered."""
    came: Counter[str] = Counter()
    line = Line(host, port)
    line.upgrade(f"{host}:{port}")
    line.say("40" + json.dumps({"token": token}))
    wanted = {"session": code, "view": "phone", "since": rev, "epoch": epoch, "as": "data"}
    line.say("420" + json.dumps(["watch", wanted]))
    reader = threading.Thread(target=_count, args=(line, came), daemon=True)
    reader.start()
    tell.send("at work")
    began = time.monotonic()
    sent = 0
    while not over.is_set():
        due = int((time.monotonic() - began) * FLOOD) - sent
        for _ in range(min(due, _MORE_AT_ONCE)):
            sent += 1
            try:
                line.say(f"42{sent}" + json.dumps(["commands", {"commands": [_idea(f"flood {sent}")]}]))
            except (Gone, OSError):
                came["flooder cut off"] += 1
                over.set()
                break
        time.sleep(0.005)
    line.close()
    came["flooding commands sent"] = sent
    tell.send(came)


def _idea(text: str) -> dict[str, str]:
    return {"id": str(uuid.uuid4()), "do": "contribute", "text": text}


def _count(line: Line, came: Counter[str]) -> None:
    """Read whatever is answered, and count the answers."""
    with suppress(OSError):
        while more := line.socket.recv(1 << 20):
            for status in (b"applied", b"retry", b"refused"):
                came[f"flooding commands {status.decode()}"] += more.count(b'"status":"' + status + b'"')
