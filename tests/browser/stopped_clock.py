"""`cafe` as it is, but for a clock that stands still and one join code: `stopped_clock.py MOMENT CODE serve …`."""

import sys
from datetime import datetime

from cafe import serve  # noqa: F401  # patches the standard library, so it comes first
from cafe.cli import main
from sessions import world

moment, code = datetime.fromisoformat(sys.argv[1]), sys.argv[2]
world.now = lambda: moment
world.join_code = lambda: code
sys.argv[1:3] = []
main()
