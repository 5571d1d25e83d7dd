"""`cafe` as it is, but documents are not begun before there is a file `go`: `held_documents.py FOLDER serve …`.

With FOLDER alone it is such a document: it waits for the file, and then goes on as `cafe.drafting`.
"""

import runpy
import subprocess
import sys
import time
from pathlib import Path

folder = Path(sys.argv[1])
if len(sys.argv) == 2:
    while not (folder / "go").exists():
        time.sleep(0.02)
    runpy.run_module("cafe.drafting", run_name="__main__")
    sys.exit()

from cafe import serve  # noqa: F401, E402, I001  # patches the standard library, so it comes first
from cafe import making  # noqa: E402
from cafe.cli import main  # noqa: E402
from cafe.pages import making as shown  # noqa: E402


def start(file):
    call = [sys.executable, __file__, folder]
    return subprocess.Popen(call, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.PIPE)


making._start = start
shown.AT_ONCE = 0
del sys.argv[1]
main()
