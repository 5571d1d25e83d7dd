"""What the open data say of themselves in words: each field, where they are from, why nobody is to be found."""

from typing import Final

from cafe.exports.examples_outline import INVENTED
from sessions.harvest.catalogue import Dataset

LICENCE: Final = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
DE_IDENTIFIED: Final = (
    "Nobody was asked for a name. No row holds a place, host, title or organisation, and no day but the year; ids of "
    "entries and cafés were drawn for these data and lead nowhere. Words were looked at by a second person, who asked "
    "of each whether a neighbour, a colleague or a journalist could make someone out. No look finds everything: please "
    "do not try to find out who said something, do not join these data with others to that end, and tell the project "
    "team of anything that should not be here."
)
FIELDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("id", "string", "Id of what was said, drawn for these data; the same in every edition of them."),
    ("cafe", "string", "Id of the café, drawn for these data; what has the same was said at one café."),
    ("year", "year", "The year in which the café was held."),
    ("foundation", "string", "The foundation of the Ambitions Framework that was talked about, by its id."),
    ("kind", "string", "What it is: action, example, concern, question (for research) or step (small step agreed)."),
    (
        "text",
        "string",
        "The words, as people wrote them or as edited (see the field edited). Text beginning with = + - @ has an "
        "apostrophe before it, so that no spreadsheet computes it.",
    ),
    ("ambitions", "string", "Numbers of the ambitions people tagged it with, 1 to 6, with semicolons; maybe none."),
    ("setting", "string", "The kind of place the café was held in, by its id; maybe empty."),
    ("purpose", "string", "What the café was for, as its host saw it, by its id; maybe empty."),
    ("status", "string", "How a small step stood when last told; empty for everything else."),
    ("edited", "boolean", "Whether the project team worded it, mostly so that nobody can be made out."),
    ("consent", "string", "Version of the words in which people were asked how far theirs may travel."),
    ("asked_since", "date", "Since when that version is in use."),
    ("invented", "boolean", "True means that nobody ever said it: it was invented to try the programme out."),
)
WITHDRAWN: Final = ("id", "string", "Id of what earlier copies held and must not hold: please delete it from them.")


def title(data: Dataset) -> str:
    """Return what the data are called."""
    return f"{data.title}: open data of edition {data.number}" + (f" ({INVENTED})" if data.invented else "")


def provenance(data: Dataset) -> str:
    """Return where the data are from, and on which grounds they are open."""
    invented = "Some of it was invented to try the programme out; nobody ever said that. " if data.invented else ""
    return (
        f"What people at Evidence Cafés said about the foundations of “{data.framework}”, reported and not evaluated. "
        f"{invented}From edition {data.number}, “{data.title}”, published {data.day}; this copy was made on "
        f"{data.made_on}, without what was withdrawn before. In it is only what people marked as published for anyone, "
        "having been told that it may be used as data for research, from cafés whose host released it for research."
    )


def read_me(data: Dataset) -> str:
    """Return the note that people see first."""
    licence = f"{LICENCE['title']} ({LICENCE['path']}). Please name the edition."
    files = (
        f"`entries.csv` has {len(data.rows)} rows. `withdrawn.csv` has the ids of what earlier copies held: please "
        "delete these from yours. `datapackage.json` describes both for programs."
    )
    fields = "\n".join(f"- `{name}` ({kind}): {about}" for name, kind, about in FIELDS)
    told = (("De-identification", DE_IDENTIFIED), ("Files", files), ("Fields", fields), ("Licence", licence))
    parts = "".join(f"\n\n## {heading}\n\n{words}" for heading, words in told)
    return f"# {title(data)}\n\n{provenance(data)}{parts}\n"
