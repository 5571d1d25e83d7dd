"""The app for a WSGI server with a gevent worker: `gunicorn -k gevent -w 1 wsgi:app`."""

from cafe import serve  # first of all: importing it patches the standard library
from cafe.settings import settle
from sessions.store import Store

settings = settle()
store = Store(settings.database)
store.migrate()
app = serve.application(settings, store)
