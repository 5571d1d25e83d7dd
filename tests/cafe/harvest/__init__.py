"""The harvest desk on the web."""
