"""The real server as people start it, on a fresh database and one core; what it used is read from the system."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

CAFE = Path(sys.executable).parent / "cafe"
CLOCK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Server:
    """A `cafe serve` in a folder of its own, with one open session; everything else as it comes."""

    def __init__(self, folder: Path, agenda: str, core: int | None) -> None:
        self._folder = folder
        self._core = core
        self._surroundings = {name: value for name, value in os.environ.items() if not name.startswith("CAFE_")}
        self._surroundings["CAFE_DATABASE"] = self.database = f"sqlite:///{folder / 'cafe.db'}"
        self._agenda = agenda
        self.opened = self.another()
        self.code: str = self.opened["session"]

    def __enter__(self) -> "Server":
        """Start it and wait until it accepts connections."""
        with (self._folder / "errors.txt").open("w") as errors:
            self._process = subprocess.Popen(
                [CAFE, "serve", "--port", "0"],
                cwd=self._folder,
                env=self._surroundings,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        if self._core is not None:
            os.sched_setaffinity(self._process.pid, {self._core})
        for line in self._process.stdout or ():
            if line.startswith("ready "):
                self.address = line.removeprefix("ready ").strip()
                return self
        raise RuntimeError((self._folder / "errors.txt").read_text())

    def __exit__(self, *_exception: object) -> None:
        """Stop it as an operator does; one that does not stop is made to."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def another(self) -> Json:
        """Open another café, of another organisation, and return what bootstrap tells of it."""
        told: Json = json.loads(self._call("bootstrap", "--json", "--agenda", self._agenda))
        return told

    @property
    def complaints(self) -> str:
        """What it wrote to standard error."""
        return (self._folder / "errors.txt").read_text()

    def snapshot(self) -> Json:
        """What the console may hold, read from the database by the command line."""
        told: Json = json.loads(self._call("snapshot", self.code))
        return told

    def processor_seconds(self) -> float:
        """How long it has kept a processor busy since it started."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK

    def peak_megabytes(self) -> float:
        """The most memory it has held."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def _call(self, *arguments: str) -> str:
        return subprocess.run(
            [CAFE, *arguments], cwd=self._folder, env=self._surroundings, capture_output=True, text=True, check=True
        ).stdout
