"""How long each format takes, how much memory it holds and how large its file is: a process for each, as served."""

import io
import json
import resource
import subprocess
import sys
import time
from typing import Any

from bench import hostile
from cafe.exports import FORMATS

MEASURED = ({"contributions": 5000, "chapters": 8, "harm": True}, {"contributions": 200, "chapters": 1, "harm": False})


def measure(runs: int) -> list[dict[str, Any]]:
    """Return the figures of every format for a guide of 5,000 contributions that mean harm, and an ordinary one."""
    return [_of(form, guide, runs) for guide in MEASURED for form, it in FORMATS.items() if not it.missing()]


def _of(form: str, guide: dict[str, Any], runs: int) -> dict[str, Any]:
    told = [json.loads(_alone(form, guide)) for _ in range(runs)]
    best = min(told, key=lambda each: each["seconds"])
    return {"format": form, **guide, **best, "megabytes_held": max(each["megabytes_held"] for each in told)}


def _alone(form: str, guide: dict[str, Any]) -> bytes:
    call = [sys.executable, "-m", "bench.exporting", form, json.dumps(guide)]
    return subprocess.run(call, capture_output=True, check=True).stdout


def _measured(form: str, guide: dict[str, Any]) -> dict[str, float]:
    made, stream = hostile.guide(**guide), io.BytesIO()
    started, used = time.perf_counter(), time.process_time()
    FORMATS[form].write(made, stream)
    return {
        "seconds": round(time.perf_counter() - started, 2),
        "processor_seconds": round(time.process_time() - used, 2),
        "megabytes_held": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "file_kilobytes": round(len(stream.getvalue()) / 1000, 1),
    }


if __name__ == "__main__":
    print(json.dumps(_measured(sys.argv[1], json.loads(sys.argv[2]))))
