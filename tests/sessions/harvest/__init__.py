"""The harvest, without the web."""
