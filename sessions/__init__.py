"""The workshop: its words, rules, data and documents; nothing here has heard of the web."""
