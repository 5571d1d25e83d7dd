"""The figures as a plot and a table: how many of all deliveries had come by when, and the goal as a line."""

import json
from html import escape
from pathlib import Path

from bench.figures import ranges
from bench.serving import Json

GOAL = 150  # milliseconds from tap to card at the 95th percentile
WIDE, HIGH, LEFT, FOOT = 640, 320, 48, 40
ROWS = (
    ("Tap to card on every other phone, p50", "ms", "talk", "tap_to_card_ms", "p50"),
    ("Tap to card on every other phone, p95", "ms", "talk", "tap_to_card_ms", "p95"),
    ("Tap to card on every other phone, p99", "ms", "talk", "tap_to_card_ms", "p99"),
    ("Tap to card on every other phone, longest", "ms", "talk", "tap_to_card_ms", "max"),
    ("Dot to count on every other phone, p95", "ms", "talk", "tap_to_tally_ms", "p95"),
    ("Tap to answer (*Saved*), p95", "ms", "talk", "acknowledged_ms", "p95"),
    ("Tap to answer (*Saved*), p99", "ms", "talk", "acknowledged_ms", "p99"),
    ("Cards expected", "", "talk", "cards_expected"),
    ("Cards received", "", "talk", "cards_received"),
    ("Frames to each phone", "", "talk", "frames_per_phone"),
    ("Bytes to each phone", "", "talk", "bytes_per_phone"),
    ("Server's processor time, room at work", "s", "talk", "server_processor_seconds"),
    ("Share of its core", "%", "talk", "server_core_percent"),
    ("Server's peak memory", "MB", "talk", "server_peak_megabytes"),
    ("Everyone arrives at once: page complete, p95", "s", "arrival", "page_complete_seconds", "p95"),
    ("Everyone arrives at once: server's processor time", "s", "arrival", "server_processor_seconds"),
    ("Generator late, p99", "ms", "talk", "generator_late_ms", "p99"),
)


def save(name: Path, found: Json, delays: list[list[float]]) -> None:
    """Write the figures, the plot, and a page that shows both."""
    name.parent.mkdir(exist_ok=True)
    name.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n")
    name.with_suffix(".svg").write_text(plot(found, delays))
    name.with_suffix(".md").write_text(table(name.name, found))


def table(name: str, found: Json) -> str:
    """Return the figures as a table, least and most over the runs."""
    told, machine = found["settings"], found["machine"]
    lines = [
        f"# {_title(found)}",
        "",
        f"{len(found['runs'])} runs of {told['seconds']} s, seeds from {told['seed']}; {machine['processor']}; "
        f"{machine['system']}, Python {machine['python']}, SQLite {machine['sqlite']} (WAL, synchronous=FULL).",
        "",
        f"![{_title(found)}]({name}.svg)",
        "",
        "| | least | most | |",
        "| --- | ---: | ---: | --- |",
    ]
    for said, unit, *path in ROWS:
        least, most = ranges(found["runs"], *path)
        lines.append(f"| {said} | {least:,.10g} | {most:,.10g} | {unit} |")
    faults = {name: ranges(found["runs"], "talk", "faults", name)[1] for name in found["runs"][0]["talk"]["faults"]}
    lines += [
        "",
        "Faults, at most: " + ", ".join(f"{name.replace('_', ' ')} {most:g}" for name, most in faults.items()),
    ]
    return "\n".join(lines) + ".\n"


def plot(found: Json, delays: list[list[float]]) -> str:
    """Return an SVG: for each run, the share of deliveries that had come within so many milliseconds."""
    wide = max(1.2 * GOAL, *(each[round(0.999 * len(each)) - 1] for each in delays))
    lines = "".join(_line(each, wide) for each in delays)
    marks = "".join(_mark(each, wide) for each in range(0, round(wide) + 1, 50))
    goal = _x(GOAL, wide)
    least, most = ranges(found["runs"], "talk", "tap_to_card_ms", "p95")
    said = f"{_title(found)}: 95 of 100 deliveries within {least:.0f} to {most:.0f} ms"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(said)}</title>'
        f'<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>'
        f"{marks}{_share(0.5)}{_share(0.95)}{_share(1.0)}"
        f'<path d="M{goal} 8V{HIGH - FOOT}" stroke="#a5162a" stroke-dasharray="4 3"/>'
        f'<text x="{goal + 4}" y="{HIGH - FOOT - 8}" fill="#a5162a">goal for 95 %: {GOAL} ms</text>'
        f'{lines}<text x="{WIDE / 2}" y="{HIGH - 6}" text-anchor="middle">'
        "milliseconds from the tap to the card on every other phone</text></svg>\n"
    )


def _title(found: Json) -> str:
    return f"{found['settings']['phones']} phones in one room, on one core"


def _line(delays: list[float], wide: float) -> str:
    shares = [step / 200 for step in range(1, 201)]
    points = (f"{_x(min(delays[round(share * len(delays)) - 1], wide), wide)},{_y(share)}" for share in shares)
    return f'<polyline points="{" ".join(points)}" fill="none" stroke="#005a9c" stroke-width="1.500"/>'


def _mark(milliseconds: int, wide: float) -> str:
    x = _x(milliseconds, wide)
    return f'<text x="{x}" y="{HIGH - FOOT + 16}" text-anchor="middle">{milliseconds}</text>'


def _share(share: float) -> str:
    y = _y(share)
    return (
        f'<path d="M{LEFT} {y}H{WIDE - 8}" stroke="#ccc"/>'
        f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{100 * share:.0f} %</text>'
    )


def _x(milliseconds: float, wide: float) -> float:
    return round(LEFT + (WIDE - LEFT - 12) * milliseconds / wide, 1)


def _y(share: float) -> float:
    return round(8 + (HIGH - FOOT - 8) * (1 - share), 1)
