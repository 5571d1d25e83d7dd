"""A module per room of the web face; each knows the writer, changes, guide, cafes and people, never tables."""
