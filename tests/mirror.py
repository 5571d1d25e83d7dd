"""A view that is kept equal to the server's by what changed alone, the way docs/protocol.md tells a client to."""

LISTS = ("contributions", "themes", "steps")


class Mirror:
    """Begun with a snapshot. A newer entity replaces an older one, and what is gone goes.

    What only a seat's own changes bring (they come without `from`), only they take away: the shared changes of a phone
    do not know whose it is, and are marked as `pushed` here.
    """

    def __init__(self, snapshot: dict):
        self._facts = {key: told for key, told in snapshot.items() if key not in LISTS}
        self._lists = {key: {each["id"]: each for each in snapshot[key]} for key in LISTS}
        self.shown = set(self._lists["contributions"])  # every contribution there ever was

    def __getitem__(self, key: str) -> object:
        if key in LISTS:
            return sorted(self._lists[key].values(), key=lambda each: each["order"])
        return self._facts[key]

    def data(self) -> dict:
        """What a snapshot would hold."""
        return {**self._facts, **{key: self[key] for key in LISTS}}

    def apply(self, wire: dict) -> None:
        """Take in what changed; only shared changes say at which revision the view is now."""
        gone = {each for each in wire["gone"] if not (wire.get("pushed") and self._is_mine(each))}
        self._facts |= {key: wire[key] for key in ("turn", "epoch")}
        if "from" in wire:
            self._facts["rev"] = wire["to"]
        for key, new in wire["entities"].items():
            if key in LISTS:
                known = self._lists[key]
                known |= {each["id"]: each for each in new if each["rev"] > known.get(each["id"], {"rev": -1})["rev"]}
            else:
                self._facts[key] = {**self._facts[key], **new} if isinstance(new, dict) else new
        self.shown |= {each["id"] for each in wire["entities"].get("contributions", ())}
        for known in self._lists.values():
            for each in gone & known.keys():
                del known[each]

    def _is_mine(self, contribution: str) -> bool:
        known = self._lists["contributions"].get(contribution)
        return known is not None and known["mine"]
