"""The harvest desk, a module per room of it, for the project team; each knows `sessions.harvest`, never tables."""

from cafe.pages.harvest import finding, picture

ROOMS = (finding, picture)
