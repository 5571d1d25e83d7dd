"""Guides to write down: a full one, what can be changed about it, and words that mean harm."""

import datetime
import io

from cafe.exports import DOCUMENTS
from sessions.guide import (
    Ambition,
    Chapter,
    Guide,
    KitExample,
    Learned,
    Line,
    Sitting,
    SmallStep,
    Source,
    Told,
    Voices,
    Voting,
)

NAMES = ("Individual", "Fair access", "Comfort", "Coordinated", "Staff", "Community")
HOSTILE = (
    "<w:p><w:r><w:t>not markup</w:t></w:r></w:p>",
    "&lt; &amp; ]]> <!-- -->",
    '{{ 7*7 }} =1+1 HYPERLINK "https://example.org" \\* MERGEFORMAT',
    "before\x00\x07\x0b\x1b\ufffe\ud800after",
    "one\r\ntwo\rthree\tfour",
    "ŵ ŷ 🙂 \u202eright to left",
    "x" * 2000,
    "</title></style><script>alert(1)</script>{% raw %}{# nothing #}",
    '"><img src="https://example.org/x" onerror=alert(1)>',
)
SILENT = {
    "ask": (),
    "local_examples": (),
    "examples_elsewhere": (),
    "actions": (),
    "also_said": (),
    "concerns": (),
    "questions": (),
    "steps": (),
    "learned": Learned(),
    "here_as": (),
    "took_part": 0,
    "posted": 0,
    "voting": Voting(shown=False),
}


def action(text, **told):
    return Line(text=text, kind="action", **told)


OF_A_SITTING = ("question", "voting", "took_part", "posted", "here_as", "learned", "cafe", "day", "label")


def chapter(**told):
    """A chapter with one sitting; what is said of the sitting may be given beside what is said of the chapter."""
    usual = {
        "cafe": "Northvale Evidence Café",
        "day": datetime.date(2027, 3, 3),
        "foundation": "access-24-7",
        "number": 6,
        "name": "24/7 access",
        "question": "What small step could we take?",
        "what": "Somewhere to turn at any hour.",
        "ask": ("Whom do people ring at three in the morning?",),
        "voting": Voting(shown=True, voted=18, dots_each=3),
        "took_part": 27,
        "posted": 41,
        "local_examples": (Line(text="A Sunday pharmacist rota.", kind="example", ambitions=(2, 3)),),
        "examples_elsewhere": (
            KitExample(
                text="An advice line.", setting="Hospice", evidence="reported practice", source=1, ambitions=(4,)
            ),
        ),
        "actions": (
            action("The number on every folder", rank=1, dots=11, chosen_by=11, ambitions=(2, 4)),
            action(
                "One page for families",
                rank=2,
                tied=True,
                dots=8,
                chosen_by=8,
                grouped_from=3,
                verbatim=False,
                wordings=("A page for the family", "Write it down for us"),
            ),
            action("Ring every new carer", rank=2, tied=True, dots=8, chosen_by=8, late=True),
            action("Share the rota", rank=4, dots=0, chosen_by=0, on_behalf=True),
        ),
        "also_said": (action("A second bell at the side door"),),
        "concerns": (Line(text="We tried this in 2023.", kind="concern"),),
        "questions": (Line(text="Does a call back help?", kind="question", rests_on=("practice",)),),
        "steps": (
            SmallStep(
                what="Put the number on every folder",
                first_step="Order the stickers",
                lead="The ward clerk",
                partners="Hospice at home",
                by_when="End of May",
                how_we_know="Nobody asks for it twice",
                support="A budget for stickers",
                ambitions=(2, 4),
                status="under_way",
                told=(Told(day=datetime.date(2027, 4, 20), status="under_way", note="Half are done."),),
            ),
            SmallStep(what="Ring every new carer"),
        ),
        "learned": Learned(
            differently=("Nights are when it matters.",),
            first=("Ask our night team.",),
            voices=Voices(answered=12, average=4.25, lowest=3, highest=5),
        ),
        "here_as": (("Carer or family", 4),),
    }
    said = {**usual, **told}
    sitting = Sitting(**{name: said.pop(name) for name in OF_A_SITTING if name in said})
    return Chapter(**{"sittings": (sitting,), **said})


def guide(*chapters, **told):
    usual = {
        "title": "24/7 access: small steps for Northvale",
        "edition": 1,
        "organisation": "Northvale Hospice",
        "cafe": "Northvale Evidence Café",
        "host": "Northvale Hospice",
        "place": "Old Library",
        "date": datetime.date(2027, 3, 3),
        "purpose": "Alongside other work",
        "setting": "Hospice",
        "framework": "Ambitions for Palliative and End of Life Care",
        "framework_edition": "2021-2026",
        "kits_edition": "2026.1",
        "made_on": datetime.date(2027, 3, 4),
        "handed_out": datetime.date(2027, 3, 4),
        "chapters": chapters or (chapter(),),
        "ambitions": tuple(Ambition(number=n, name=name) for n, name in enumerate(NAMES, 1)),
        "sources": (Source(number=1, title="An advice line", authors="Vanan", year=2023, locator="doi:1"),),
        "kept_to_the_room": 3,
    }
    return Guide(**{**usual, **told})


def spoilt(text):
    """A guide with the same words wherever somebody can have written them."""
    line = action(text, rank=1, dots=1, wordings=(text,))
    told = Told(day=datetime.date(2027, 4, 20), status="done", note=text)
    fields = ("what", "first_step", "lead", "partners", "by_when", "how_we_know", "support")
    step = SmallStep(**dict.fromkeys(fields, text), told=(told,))
    learned = Learned(differently=(text,), first=(text,))
    said = chapter(
        name=text,
        question=text,
        what=text,
        ask=(text,),
        actions=(line,),
        also_said=(line,),
        steps=(step,),
        learned=learned,
    )
    return guide(said, title=text, organisation=text, cafe=text, host=text, place=text, partners=(text,))


def written(made, file_format="docx"):
    stream = io.BytesIO()
    DOCUMENTS[file_format].write(made, stream)
    return stream.getvalue()
