"""The app for a WSGI server with a gevent worker: `gunicorn -k gevent -w 1 wsgi:app`."""

from cafe import serve, starting  # first of all: importing `serve` patches the standard library
from cafe.doctor import Place
from cafe.doctor_safety import LOOKS
from cafe.settings import settle

UNTIL_IT_IS_GONE = 15  # seconds: at a reload, the worker before this one is about to stop

try:
    starting.refuse_what_is_unsafe(Place.of(None, "127.0.0.1", 8000, None, None)._replace(listens=""), LOOKS)
    settings = settle()
    app = serve.application(settings, starting.open_store(settings.database, UNTIL_IT_IS_GONE))
except ValueError as why:
    starting.give_up(why)
starting.end_in_a_copy()
