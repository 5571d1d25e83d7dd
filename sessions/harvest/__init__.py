"""The harvest: what hosts released to the project team, from every café, on its way into the next edition of the guide.

Whoever may come to the desk is decided in `cafe.admission`. Nothing in here is told to a facilitator but what became of
their own café's words (`used`).
"""
