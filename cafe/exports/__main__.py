"""One document by a process of its own: `python -m cafe.exports FORM` reads a guide as JSON and writes the file.

It gets no database, no secret and no request, and gives way to everything else on the machine.
"""

import os
import sys

from cafe.exports import DOCUMENTS
from sessions.guide import from_json


def main(form: str) -> int:
    """Read a guide, write it in this format; an error is told by its kind: its message may hold people's words."""
    try:
        guide = from_json(sys.stdin.buffer.read())
        DOCUMENTS[form].write(guide, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except Exception as error:
        sys.stderr.write(type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(19)
    sys.exit(main(sys.argv[1]))
