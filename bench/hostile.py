"""A guide of thousands of contributions that mean harm, and the harmless guide of an ordinary café.

Each contribution begins and ends with a mark of its own, so that it can be looked for in any file.
"""

import datetime
import random
from collections.abc import Iterator

from sessions.guide import Ambition, Chapter, Guide, KitExample, Line, Sitting, SmallStep, Source, Told, Voting

DAY = datetime.date(2027, 3, 3)
AWAY = "https://example.org/x"
HARM = (
    "💐🫶🏽👨‍👩‍👧‍👦 emoji 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "مرحبا بكم שלום \u202eright to left\u202c \u2066and back\u2069",
    "z" + "".join(chr(mark) for mark in range(0x300, 0x340)) + "algo",
    "before\x00\x01\x07\x0b\x0c\x1b\x7f\ufffe\uffffafter",
    f'=HYPERLINK("{AWAY}","x") ',
    "=cmd|'/C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1-1",
    "-2+3",
    "＝1+1 ＋1 －1 ＠x",
    '{ HYPERLINK "https://example.org" \\* MERGEFORMAT } { INCLUDEPICTURE "https://example.org/a.png" \\d }',
    "</w:t></w:r></w:p><w:p><w:r><w:fldChar w:fldCharType='begin'/><w:instrText>DDEAUTO c:\\\\calc</w:instrText>",
    "{{ 7*7 }} {% for a in b %} {# no #} ${7*7} #{7*7} <%= 7*7 %> {{''.__class__.__mro__}}",
    '#read("/etc/passwd") #import "@preview/x:1.0.0" $x^2$ *bold* _em_ `code` // comment /* more */ <label> @ref',
    "<script>alert(1)</script><img src=https://example.org/x onerror=alert(1)> ]]> <!-- --> &lt; &amp; &#0;",
    "_x0041_ %n %s \\n \\u0000 \\input{/etc/passwd} $(id) `id`",
    "one\r\ntwo\rthree\n\n\nfour\tfive \u2028 six \u2029 seven",
    "https://example.org/a/very/long/address?with=questions&and=answers#here mailto:a@example.org www.example.org",
    "x" * 300,
    "ŵŷ ﷽ ꧅ 𒐫 ǅ ﬁ \u00ad\u200b\u200d\ufeff",
)
LONGEST = 10_000
NAMES = (
    "Personalised care",
    "Shared records",
    "Evidence",
    "Involving",
    "Education",
    "24/7 access",
    "Co-design",
    "Lead",
)
AMBITIONS = ("Individual", "Fair access", "Comfort", "Coordinated", "Staff", "Community")


def mark(number: int) -> str:
    """Return what a contribution begins with; with a `q` behind it, it ends with it."""
    return f"mk{number:05d}"


def said(number: int) -> str:
    """Return a contribution that means harm; some are as long as any that is imported."""
    harm = HARM[number % len(HARM)]
    if number % 199 == 198:
        harm = (harm + " so we said it all over again ") * (LONGEST // len(harm))
    # what a spreadsheet could take for a formula stands at the beginning
    first, last = mark(number), f"{mark(number)}q"
    return f"{harm} {first} {last}" if harm[0] in "=+-@＝" else f"{first} {harm[: LONGEST - 16]} {last}"


def ordinary(number: int) -> str:
    """Return a contribution as people write them."""
    words = (
        "Ring every new carer in the first week and ask what would help most.",
        "Keep one page at the bedside that says what matters to the person, and let them write it.",
        "We tried a Sunday rota with the pharmacist in 2023; it worked until the winter.",
    )
    return f"{words[number % 3]} {mark(number)} {mark(number)}q"


def guide(contributions: int, chapters: int = 8, *, harm: bool = True) -> Guide:
    """Return a guide with so many contributions, each somewhere in it once; the same every time."""
    words = said if harm else ordinary
    shares = [range(start, contributions, chapters) for start in range(chapters)]
    return Guide(
        title=words(0) if harm else "Small steps for Northvale",
        edition=1,
        organisation="Northvale Hospice",
        cafe="Northvale Evidence Café",
        host="Northvale Hospice",
        place="Northvale",
        date=DAY,
        purpose="Alongside other work",
        setting="Hospice",
        framework="Ambitions for Palliative and End of Life Care",
        framework_edition="2021-2026",
        kits_edition="2026.1",
        made_on=DAY,
        chapters=tuple(_chapter(n, [words(each) for each in share], share) for n, share in enumerate(shares)),
        ambitions=tuple(Ambition(number=n, name=name) for n, name in enumerate(AMBITIONS, 1)),
        sources=(Source(number=1, title="An advice line", authors="Vanan", year=2023, locator="doi:1"),),
        partners=("Hospice at home",),
    )


def _chapter(number: int, texts: list[str], names: range) -> Chapter:
    """Return a chapter with all of these texts: a fiftieth as steps, the others as lines of every kind."""
    dice, left = random.Random(number), iter(zip(texts, names, strict=True))
    steps = tuple(_step(text, name) for text, name in _some(left, max(1, len(texts) // 50)))
    examples = tuple(_line(text, name, "example") for text, name in _some(left, len(texts) // 5))
    concerns = tuple(_line(text, name, "concern") for text, name in _some(left, len(texts) // 5))
    questions = tuple(_line(text, name, "question") for text, name in _some(left, len(texts) // 10))
    also = tuple(_line(text, name, "action") for text, name in _some(left, len(texts) // 10))
    actions = []
    for text, name in left:
        wordings = tuple(each for each, _ in _some(left, 2)) if dice.random() < 0.1 else ()
        actions.append(_line(text, name, "action", wordings, dice.randrange(20)))
    return Chapter(
        ref=f"chapter{number}",
        foundation=f"foundation-{number}",
        number=number + 1,
        name=NAMES[number % len(NAMES)],
        what="Somewhere to turn at any hour.",
        ask=("Whom do people ring at three in the morning?",),
        sittings=(_sitting(len(texts)),),
        steps=steps,
        local_examples=examples,
        concerns=concerns,
        questions=questions,
        also_said=also,
        actions=tuple(sorted(actions, key=lambda line: -(line.dots or 0))),
        examples_elsewhere=(
            KitExample(text="An advice line.", setting="Hospice", evidence="reported practice", source=1),
        ),
    )


def _some(left: Iterator[tuple[str, int]], many: int) -> Iterator[tuple[str, int]]:
    for _ in range(many):
        each = next(left, None)
        if each is not None:
            yield each


def _line(text: str, name: int, kind: str, wordings: tuple[str, ...] = (), dots: int | None = None) -> Line:
    counted = {} if dots is None else {"dots": dots, "chosen_by": dots, "rank": 20 - dots}
    return Line(
        ref=f"line{name}", text=text, kind=kind, wordings=wordings, grouped_from=1 + len(wordings), ambitions=(2, 4),
        **counted,
    )  # fmt: skip


def _step(text: str, name: int) -> SmallStep:
    told = (Told(day=DAY, status="under_way", note="Half are done."),)
    return SmallStep(ref=f"step{name}", what=text, lead="The ward clerk", by_when="End of May", told=told)


def _sitting(posted: int) -> Sitting:
    voting = Voting(shown=True, voted=18, dots_each=3)
    return Sitting(
        cafe="Northvale Evidence Café", day=DAY, question="What small step could we take?", voting=voting,
        took_part=27, posted=posted,
    )  # fmt: skip
