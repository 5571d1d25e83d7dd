"""`python -m bench` or `cafe bench`: runs it, prints the figures as JSON, and draws them when given a name."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import click

try:
    import picows  # noqa: F401  # only to say kindly that it is missing
except ImportError:
    sys.exit("The benchmark needs the extra `bench`: make bench, or pip install -e '.[bench]'.")

from bench import drawing, figures, finding
from bench.arriving import arrive
from bench.checking import check
from bench.exporting import Exporting, measure
from bench.phone import Room
from bench.serving import Json, Server
from bench.talking import talk


@click.command()
@click.option("--phones", default=200, show_default=True, type=click.IntRange(2, 2000))
@click.option("--seconds", default=20, show_default=True, type=click.IntRange(2, 600), help="How long the room works.")
@click.option("--runs", default=1, show_default=True, type=click.IntRange(1, 20), help="Three for anything claimed.")
@click.option("--seed", default=1, show_default=True, help="Of the plan; each run takes the next.")
@click.option("--exporting", default=0, metavar="IDEAS", help="Meanwhile export a guide of so many ideas.")
@click.option("--exports", is_flag=True, help="Measure instead what each format takes.")
@click.option("--harvest", default=0, metavar="ENTRIES", help="Measure instead finding things at a desk with so many.")
@click.option("--save", metavar="NAME", help="Also write bench/results/NAME.json, .svg and .md.")
def bench(
    phones: int, seconds: int, runs: int, seed: int, exporting: int, exports: bool, harvest: int, save: str | None
) -> None:
    """Measure a full room: everyone joins at once, posts once and sets votes five times; print figures as JSON."""
    if exports:
        print(json.dumps({"machine": figures.machine(), "exports": measure(runs)}, indent=2))
        return
    if harvest:
        print(json.dumps({"machine": figures.machine(), "finding": finding.measure(harvest, runs)}, indent=2))
        return
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    pinned = len(cores) > 1
    if pinned:
        os.sched_setaffinity(0, {cores[-1]})
    done, delays = [], []
    for number in range(runs):
        run, posts = _run(phones, seconds, seed + number, cores[0] if pinned else None, exporting)
        done.append(run)
        delays.append(posts)
    found = {
        "settings": {
            "phones": phones,
            "seconds": seconds,
            "seed": seed,
            "agenda": "together",
            "pinned": pinned,
            "exporting": exporting,
        },
        "machine": figures.machine(),
        "runs": done,
    }
    print(json.dumps(found, indent=2))
    if save:
        drawing.save(Path(__file__).parent / "results" / save, found, delays)
    if any(any(run["talk"]["faults"].values()) for run in done):
        sys.exit("Something was lost, came twice or differs: see faults.")


def _run(phones: int, seconds: int, seed: int, core: int | None, exporting: int) -> tuple[Json, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        prepared = Server(Path(folder), "together", core)
        beside = Exporting(prepared, exporting) if exporting else None
        with prepared as server:
            used = server.processor_seconds()
            seats = arrive(server.address, server.code, phones)
            arrived = figures.of_arrival(seats, server.processor_seconds() - used)
            room = Room(server.address, server.code)
            if beside:
                beside.begin(server.address)
            talked = asyncio.run(talk(room, seats, seconds, seed, server.processor_seconds))
            exported = {"exports": beside.end()} if beside else {}
            faults = check(talked, server.snapshot())
            told = figures.of_talk(talked, faults, server.peak_megabytes())
            run = {"seed": seed, "arrival": arrived, "talk": told, **exported}
            if server.complaints:
                run["complaints"] = server.complaints
    return run, sorted(figures.to_others(talked, "contribute"))


if __name__ == "__main__":
    bench(prog_name="cafe bench")
