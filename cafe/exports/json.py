"""The draft guide as JSON: the `Guide` as it is, for programs."""

from typing import BinaryIO

from sessions.guide import Guide, to_json


def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide's facts to the stream as UTF-8 JSON."""
    stream.write(to_json(guide))
