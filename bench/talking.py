"""The room at work: all phones connected, the plan carried out on time, and how well the generator itself kept time."""

import asyncio
import gc
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.arriving import Seat
from bench.phone import Phone, Room
from bench.plan import plan, words
from bench.serving import Json

LOOKS = 0.005  # seconds between looks at how late the generator's own loop is
PATIENCE = 20.0


@dataclass
class Talk:
    """What came of it: the phones with all they heard, and the delays of the generator's own loop in milliseconds."""

    room: Room
    phones: list[Phone]
    late: list[float]
    processor: float
    seconds: float


async def talk(
    room: Room, seats: list[Seat], seconds: float, seed: int, processor_seconds: Callable[[], float]
) -> Talk:
    """Connect everyone, carry out the plan, and wait until every answer and every frame has come."""
    phones = [Phone(number, seat, room) for number, seat in enumerate(seats)]
    await asyncio.gather(*(phone.open() for phone in phones))
    await asyncio.sleep(1)
    gc.collect()
    gc.disable()
    late: list[float] = []
    looking = asyncio.create_task(_look(late))
    used, started = processor_seconds(), time.perf_counter()
    await _act(phones, seconds, seed)
    await _all_told(phones)
    used, took = processor_seconds() - used, time.perf_counter() - started
    looking.cancel()
    gc.enable()
    for phone in phones:
        phone.close()
    return Talk(room, phones, late, used, took)


async def _act(phones: list[Phone], seconds: float, seed: int) -> None:
    dice = random.Random(seed)
    started = time.perf_counter()
    for act in plan(len(phones), seconds, seed):
        await asyncio.sleep(max(0.0, started + act.at - time.perf_counter()))
        phone = phones[act.phone]
        if act.does == "post":
            phone.post(words(act.phone))
        else:
            phone.choose([each for each in phone.room.cards[-40:] if each not in phone.chosen], dice)


async def _all_told(phones: list[Phone]) -> None:
    """Wait until every command is answered and every phone has reached the last revision; what is not there by then
    is lost."""
    frames = phones[0].room.frames
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        await asyncio.sleep(0.05)
        if all(sent.answered for phone in phones for sent in phone.sent):
            last = max(sent.answer["head"] for phone in phones for sent in phone.sent)
            if all(phone.heard and _reached(frames[phone.heard[-1][1]]) >= last for phone in phones):
                return


def _reached(frame: Json) -> int:
    return int(frame["to"]) if "from" in frame else -1


async def _look(late: list[float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(LOOKS)
        late.append(1000 * (time.perf_counter() - before - LOOKS))
