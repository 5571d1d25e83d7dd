"""The web face of Evidence Café: pages, live updates, exports; what a session is lives in `sessions`."""
