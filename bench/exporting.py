"""What exports take: each format by itself, and guides taken away again and again while a room is at work."""

import io
import json
import resource
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import Any

from bench import hostile
from bench.filling import fill
from bench.serving import Json, Server
from cafe.exports import FORMATS
from cafe.exports.typst import typesetter

MEASURED = ({"contributions": 5000, "chapters": 8, "harm": True}, {"contributions": 200, "chapters": 1, "harm": False})


def measure(runs: int) -> list[dict[str, Any]]:
    """Return the figures of every format for a guide of 5,000 contributions that mean harm, and an ordinary one."""
    return [_of(form, guide, runs) for guide in MEASURED for form, it in FORMATS.items() if not it.missing()]


class Exporting:
    """Another café in the same database with so many ideas, whose guide is taken away in Word without a pause."""

    def __init__(self, server: Server, ideas: int) -> None:
        self._other: Json = server.another()
        self.ideas = fill(server.database, self._other["session"], (hostile.ordinary(n) for n in range(ideas)))
        self.seconds: list[float] = []
        self._over = threading.Event()

    def begin(self, address: str) -> None:
        """Ask for the guide again and again, as a program does."""
        wanted = urllib.request.Request(
            f"{address}/s/{self._other['session']}/guide.docx",
            headers={"Authorization": f"Bearer {self._other['facilitator_token']}"},
        )
        threading.Thread(target=self._ask, args=(wanted,), daemon=True).start()

    def end(self) -> Json:
        """Ask no more, and return how long each guide took."""
        self._over.set()
        return {"ideas": self.ideas, "guides": len(self.seconds), "seconds_each": [round(s, 2) for s in self.seconds]}

    def _ask(self, wanted: urllib.request.Request) -> None:
        while not self._over.is_set():
            started = time.perf_counter()
            try:
                with urllib.request.urlopen(wanted, timeout=120) as answer:
                    answer.read()
            except urllib.error.URLError:
                if self._over.is_set():
                    return  # the server has stopped meanwhile
                raise
            self.seconds.append(time.perf_counter() - started)


def _of(form: str, guide: dict[str, Any], runs: int) -> dict[str, Any]:
    told = [json.loads(_alone(form, guide)) for _ in range(runs)]
    best = min(told, key=lambda each: each["seconds"])
    return {"format": form, **guide, **best, "megabytes_held": max(each["megabytes_held"] for each in told)}


def _alone(form: str, guide: dict[str, Any]) -> bytes:
    call = [sys.executable, "-m", "bench.exporting", form, json.dumps(guide)]
    return subprocess.run(call, capture_output=True, check=True).stdout


def _measured(form: str, guide: dict[str, Any]) -> dict[str, float]:
    made, stream = hostile.guide(**guide), io.BytesIO()
    started, to_set = time.perf_counter(), FORMATS[form].to_set
    used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    if to_set:  # by the typesetter alone, as when served
        call = [sys.executable, typesetter.__file__]
        stream.write(subprocess.run(call, input=to_set(made), capture_output=True, check=True).stdout)
    else:
        FORMATS[form].write(made, stream)
    whole, other = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(time.perf_counter() - started, 2),
        "processor_seconds": round(whole.ru_utime - used + other.ru_utime, 2),
        "megabytes_held": round(max(whole.ru_maxrss, other.ru_maxrss) / 1024, 1),
        "file_kilobytes": round(len(stream.getvalue()) / 1000, 1),
    }


if __name__ == "__main__":
    print(json.dumps(_measured(sys.argv[1], json.loads(sys.argv[2]))))
