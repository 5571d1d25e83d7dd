"""A disk in trouble for programs started with it: `disk.c` compiled, and the numbers that tell it what happens."""

import mmap
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_suffix(".c")
FAULTS = {"none": 0, "full": 1, "read only": 2, "faulty": 3}
_NUMBERS = ("fault", "delay_ms", "end_at", "calls", "power", "seed")


class Disk:
    """The disk that holds a folder, for programs that are started in these `surroundings`."""

    def __init__(self, aside: Path, folder: Path):
        library, control = aside / "disk.so", aside / "control"
        if not library.exists():
            compiler = shutil.which("cc") or shutil.which("gcc")
            if sys.platform != "linux" or not compiler:
                assert not os.environ.get("CI"), "a C compiler must be there where everything is checked"
                pytest.skip("needs Linux and a C compiler")
            made = [compiler, "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl", "-lpthread"]
            subprocess.run(made, check=True)
        control.write_bytes(bytes(64))
        with control.open("r+b") as file:
            self._control = mmap.mmap(file.fileno(), 64)
        self.surroundings = {"LD_PRELOAD": str(library), "DISK_CONTROL": str(control), "DISK_UNDER": f"{folder}/"}

    def tell(self, **numbers: int) -> None:
        """Say what happens from now on."""
        for name, number in numbers.items():
            struct.pack_into("i", self._control, 4 * _NUMBERS.index(name), number)

    def be(self, fault: str, delay_ms: int = 0) -> None:
        """Be in trouble of a kind, or `none`."""
        self.tell(fault=FAULTS[fault], delay_ms=delay_ms)

    @property
    def calls(self) -> int:
        """How many writes, cuts and syncs there were."""
        return struct.unpack_from("i", self._control, 4 * _NUMBERS.index("calls"))[0]
