"""The real server, as people start it: `cafe serve`, a database of its own, and a port that stays across restarts."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.cafe.conftest import AS_QUICK_AS_TESTS

CAFE = Path(sys.executable).parent / "cafe"
NOTED = "a sign-in was refused: "  # no complaint: tests type wrong codes
PATIENCE = 20  # seconds for what takes one; only a fault takes longer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Server:
    """A `cafe serve` in a folder of its own; `address` is what browsers call it by."""

    def __init__(
        self, folder: Path, name: str = "127.0.0.1", program: Sequence[str | Path] = (CAFE,), limits: str | None = None
    ):
        self.folder = folder
        self.surroundings = AS_QUICK_AS_TESTS if limits is None else {"CAFE_LIMITS": limits}
        self.program = program
        self.port = free_port()
        self.address = f"http://{name}:{self.port}"
        self.here = f"http://127.0.0.1:{self.port}"  # what programs on this machine call it by
        self.database = f"sqlite:///{folder / 'cafe.db'}"
        self.errors = folder / "errors.txt"
        self.lines: list[str] = []

    def start(self) -> "Server":
        """Start it, and wait until it says that it is ready."""
        ready = threading.Event()
        call = [
            *self.program,
            "serve",
            "--database",
            self.database,
            "--port",
            str(self.port),
            "--address",
            self.address,
        ]
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("CAFE_")}
        surroundings |= self.surroundings
        with self.errors.open("a") as errors:
            self.process = subprocess.Popen(
                call, cwd=self.folder, env=surroundings, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self._reader = threading.Thread(target=self._read, args=(ready,), daemon=True)
        self._reader.start()
        if not ready.wait(PATIENCE) or not self.lines or not self.lines[-1].startswith("ready "):
            self.kill()
            raise AssertionError(f"not ready: {self.lines} {self.errors.read_text()}")
        return self

    def stop(self) -> str:
        """Ask it to stop, and return what it complained of; one that does not stop is a fault as well."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return "did not stop when asked"
        self._let_go()
        lines = self.errors.read_text().splitlines(keepends=True)
        said = "".join(line for line in lines if not line.startswith(NOTED))
        return said + (f"stopped with exit code {code}" if code else "")

    def kill(self) -> None:
        """Take it away between two instructions, as a power cut does."""
        self.process.kill()
        self.process.wait()
        self._let_go()

    @property
    def set_up_link(self) -> str:
        """The one-time link that a fresh installation prints."""
        return re.search(r"http\S+/in/\S+", "\n".join(self.lines)).group()

    def _read(self, ready: threading.Event):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("ready "):
                ready.set()
        ready.set()

    def _let_go(self):
        self._reader.join(PATIENCE)
        self.process.stdout.close()
