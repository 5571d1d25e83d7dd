"""The note that goes with a bundle: what is inside, how people were asked, what is not inside, what to do with it."""

from collections.abc import Callable, Iterable
from textwrap import wrap

import flask_babel

from cafe import languages, since
from sessions import framework
from sessions.bundle import Bundle, Held
from sessions.consent import Consent

_: Callable[..., str] = flask_babel.gettext
ngettext: Callable[..., str] = flask_babel.ngettext
_WIDTH = 78  # characters
_LINE = "\r\n"  # Windows' own editor came late to the other kind


def note(bundle: Bundle, data: str) -> str:
    """Return the note in plain text; `data` is the name of the file it speaks of."""
    parts: tuple[tuple[str, Iterable[str]], ...] = (
        (_("Read me first"), (_from(bundle), _edition(bundle), *_since(bundle))),
        (_("What is inside"), (_inside(data), *(_session(held) for held in bundle.sessions))),
        (_("How people were asked"), (_chosen(), *(_asked(each) for each in bundle.consent))),
        (_("What it may be used for"), _released(bundle)),
        (_("What is not inside"), (_nobody(), *stays(bundle))),
        (_("What to do with it"), _please(bundle)),
    )
    blank = _LINE * 2
    told = ((title.upper(), *map(_wrapped, sentences)) for title, sentences in parts)
    return blank.join(blank.join(each) for each in told) + _LINE


def stays(bundle: Bundle) -> tuple[str, ...]:
    """Return what does not go, and why, a sentence each."""
    kept = bundle.stays
    told = (
        (kept.room, ngettext("%(num)s idea is for the room only.", "%(num)s ideas are for the room only.", kept.room)),
        (kept.local, _for_the_local_guide(kept.local)),
        (kept.waiting, _waiting(kept.waiting)),
        (
            kept.off_the_board,
            ngettext("%(num)s idea is off the board.", "%(num)s ideas are off the board.", kept.off_the_board),
        ),
        (kept.titles, _titles(kept.titles)),
        (kept.steps, ngettext("%(num)s small step stays.", "%(num)s small steps stay.", kept.steps)),
        (kept.answers, _answers(kept.answers)),
    )
    here = _("What editors wrote for the local guide stays; people’s own words go as they left them.")
    return (*(sentence for number, sentence in told if number), here)


def _wrapped(sentences: str) -> str:
    """Return lines short enough for any editor."""
    lines = (
        wrap(line, _WIDTH, subsequent_indent="  " if line.startswith("- ") else "") for line in sentences.splitlines()
    )
    return _LINE.join(line for each in lines for line in each)


def _from(bundle: Bundle) -> str:
    cafe = bundle.cafe
    where = ", ".join(part for part in (cafe.title, cafe.host, cafe.place, languages.day(cafe.day)) if part)
    return _(
        "This comes from %(organisation)s: %(where)s. It is for the team that collects examples across cafés.",
        organisation=cafe.organisation,
        where=where,
    )


def _edition(bundle: Bundle) -> str:
    if bundle.handed_out is None:
        return _("This is what edition %(number)s would be. It has not been handed out.", number=bundle.edition)
    day = languages.day(bundle.handed_out)
    return _("This is edition %(number)s, handed out on %(day)s.", number=bundle.edition, day=day)


def _since(bundle: Bundle) -> tuple[str, ...]:
    if bundle.since is None:
        return ()
    takes = _("It takes the place of edition %(number)s; please delete that one.", number=bundle.since.edition)
    return (f"{takes} {changed(bundle)}",)


def changed(bundle: Bundle) -> str:
    """Return how much changed since the edition before, or nothing when there was none."""
    one = bundle.since
    return since.told(one.edition, one.new, one.reworded, one.moved, one.gone, one.taken_back) if one else ""


def _inside(data: str) -> str:
    return _(
        "Everything is in %(file)s, for programs to read; any text editor shows it. Session by session:", file=data
    )


def _session(held: Held) -> str:
    name = _(framework.load().foundation(held.foundation).name)
    public = sum(line.share == "open" for line in held.lines)
    lines = ngettext("%(num)s line of what people said", "%(num)s lines of what people said", len(held.lines))
    published = ngettext("%(num)s may be published", "%(num)s may be published", public)
    steps = ngettext("%(num)s small step", "%(num)s small steps", len(held.steps))
    people = ngettext("%(num)s person took part", "%(num)s people took part", held.sitting.took_part)
    titled = f"{name} ({held.sitting.label})" if held.sitting.label else name
    return f"- {titled}: {people}; {lines} ({published}); {steps}."


def _chosen() -> str:
    return _(
        "Each idea has one choice, made by whoever wrote it, shown before it was sent, and theirs to change since. "
        "Titles of groups and small steps are facilitators’ words; for these, they chose."
    )


def _asked(asked: Consent) -> str:
    told = _(
        "Version %(version)s, in use since %(day)s. People were told: “%(told)s” They were asked: “%(asked)s”",
        version=asked.version,
        day=languages.day(asked.since),
        told=" ".join(_(sentence) for sentence in asked.told),
        asked=_(asked.asked),
    )
    return _LINE.join((told, *(f"- {_(choice.words)}: {_(choice.means)}" for choice in asked.choices.values())))


def _released(bundle: Bundle) -> tuple[str, ...]:
    return (_purposes(bundle), _credited(bundle.credit))


def _purposes(bundle: Bundle) -> str:
    """Return what a host lets the team do with it, in one sentence."""
    guide, research = (purpose in bundle.purposes for purpose in ("guide", "research"))
    if guide and research:
        return _(
            "Its host releases it for examples in the next edition of the guide, and as data for research: that "
            "only where people were asked about it, and only what may be published."
        )
    if guide:
        return _("Its host releases it for examples in the next edition of the guide, not as data for research.")
    if research:
        return _(
            "Its host releases it as data for research, not for examples in the guide. Only where people were asked "
            "about it, and only what may be published."
        )
    return _("Its host releases it for the team to read and to count, and nothing of it to be published.")


def _credited(credit: str) -> str:
    if credit:
        return _("It may be credited like this: “%(credit)s”.", credit=credit)
    return _("The café is not to be named where something of it is published.")


def _nobody() -> str:
    return _(
        "Nothing says who wrote what; no names were asked for. Facilitators looked at whatever a list of patterns took "
        "for a name or a number. No list knows every name, and a rare story tells without one."
    )


def _for_the_local_guide(number: int) -> str:
    return ngettext("%(num)s idea is for the local guide only.", "%(num)s ideas are for the local guide only.", number)


def _waiting(number: int) -> str:
    return ngettext(
        "%(num)s idea waits for a facilitator to look at it.",
        "%(num)s ideas wait for a facilitator to look at them.",
        number,
    )


def _titles(number: int) -> str:
    return ngettext(
        "%(num)s title of a group stays; what is in it goes in people’s own words.",
        "%(num)s titles of groups stay; what is in them goes in people’s own words.",
        number,
    )


def _answers(number: int) -> str:
    return ngettext(
        "%(num)s person’s answers at the close stay: nobody was asked how far these may travel.",
        "The answers of %(num)s people at the close stay: nobody was asked how far these may travel.",
        number,
    )


def _please(bundle: Bundle) -> tuple[str, ...]:
    return (
        _("Keep the latest edition only: what people took back is not in it any more."),
        _("What goes to the team is for the team. Only what may be published may be quoted elsewhere, without a name."),
        _("Questions go to %(organisation)s.", organisation=bundle.cafe.organisation),
    )
