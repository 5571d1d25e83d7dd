"""The harvest desk, a module per room of it, for the project team; each knows `sessions.harvest`, never tables."""

from cafe.pages.harvest import bundles, checks, editions, entries, finding, log, picture

ROOMS = (finding, bundles, entries, checks, picture, editions, log)
