"""How each audit of `sessions.verify` is looked for: every function yields where its sentence does not hold.

They recompute from the rows and ask none of the code that keeps the rows right. They look and change nothing.
"""
