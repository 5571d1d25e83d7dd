"""What is measured, out of what was heard: delays, weights, what the server used; and the range over several runs."""

import platform
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.arriving import Seat
from bench.checking import Faults
from bench.phone import Phone, Sent
from bench.serving import Json
from bench.talking import Talk

LATE = 5.0  # milliseconds; a generator that is later than this at the 99th percentile measures itself


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return the percentiles of some values, by nearest rank."""
    ordered = sorted(values)
    places = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(ordered[max(0, round(share * len(ordered)) - 1)], 2) for name, share in places.items()}


def to_others(talk: Talk, do: str) -> Iterator[float]:
    """Yield the milliseconds from each tap to the frame with what it did, on every phone but one's own."""
    sent = [each for phone in talk.phones for each in phone.sent if each.command["do"] == do and each.answered]
    for phone in talk.phones:
        yield from _delays(phone, [each for each in sent if each.phone != phone.number])


def _delays(phone: Phone, sent: list[Sent]) -> Iterator[float]:
    frames = phone.room.frames
    shared = [(frames[number]["to"], at) for at, number in phone.heard if "from" in frames[number]]
    place = 0
    for each in sorted(sent, key=lambda one: one.answer["results"][0].get("rev", 0)):
        rev = each.answer["results"][0].get("rev", 0)
        while place < len(shared) and shared[place][0] < rev:
            place += 1
        if place < len(shared):
            yield 1000 * (shared[place][1] - each.at)


def of_talk(talk: Talk, faults: Faults, peak: float) -> dict[str, object]:
    """Return the figures of a room at work."""
    posts, votes = list(to_others(talk, "contribute")), list(to_others(talk, "vote"))
    late = spread(talk.late)
    phones = len(talk.phones)
    sent = [each for phone in talk.phones for each in phone.sent]
    cards = sum(each.command["do"] == "contribute" for each in sent) * phones
    return {
        "valid": late["p99"] <= LATE,
        "tap_to_card_ms": spread(posts),
        "tap_to_tally_ms": spread(votes),
        "acknowledged_ms": spread(1000 * (each.answered - each.at) for each in sent if each.answered),
        "cards_expected": cards,
        "cards_received": cards - faults.lost + faults.twice,
        "faults": asdict(faults),
        "frames_per_phone": round(sum(len(phone.heard) for phone in talk.phones) / phones, 1),
        "bytes_per_phone": round(sum(phone.bytes for phone in talk.phones) / phones),
        "server_processor_seconds": round(talk.processor, 2),
        "server_core_percent": round(100 * talk.processor / talk.seconds, 1),
        "server_peak_megabytes": round(peak, 1),
        "generator_late_ms": late,
    }


def of_arrival(seats: list[Seat], processor: float) -> dict[str, object]:
    """Return the figures of a room that arrives at once."""
    last = seats[-1]
    return {
        "page_complete_seconds": spread(seat.seconds for seat in seats[1:]),
        "requests_per_phone": last.requests,
        "bytes_per_phone": last.bytes,
        "server_processor_seconds": round(processor, 2),
    }


def ranges(runs: list[Json], *path: str) -> tuple[float, float]:
    """Return the least and the most of one figure over all runs."""
    values = [_figure(run, path) for run in runs]
    return min(values), max(values)


def _figure(run: Any, path: tuple[str, ...]) -> float:
    return _figure(run[path[0]], path[1:]) if path else float(run)


def machine() -> dict[str, str]:
    """Return what kind of machine this is, without its name."""
    named = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "processor": f"{named[0]}, {len(named)} cores" if named else platform.processor(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "evidence-cafe": version("evidence-cafe"),
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
