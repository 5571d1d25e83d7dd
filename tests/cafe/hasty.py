"""`cafe serve` that loses patience within a second: `python hasty.py serve …`. These are constants."""

from cafe import cli, serve  # isort: skip  # first of all: it patches the standard library

import sys

from cafe import connections, lobby

assert serve
if __name__ == "__main__":
    lobby.LOBBY_SECONDS = 1.0
    lobby.SWEPT_EVERY = 0.1
    lobby.MOST_IN_LOBBY = 20
    connections.TO_BEGIN = connections.TO_END = connections.TO_ASK_AGAIN = connections.FOR_BODY = 0.5
    sys.argv = ["cafe", *sys.argv[1:]]
    cli.main()
