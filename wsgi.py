"""The app for a WSGI server with a gevent worker: `gunicorn -k gevent -w 1 wsgi:app`."""

from cafe import serve  # first of all: importing it patches the standard library
from cafe.settings import settle
from cafe.starting import open_store

settings = settle()
app = serve.application(settings, open_store(settings.database))
