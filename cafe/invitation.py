"""The invitation we suggest to a host: plain text to send by mail, to be changed as they like."""

from flask_babel import gettext

from cafe import languages
from cafe.settings import Settings
from sessions import agenda, framework
from sessions.cafes import CafeRow
from sessions.store import SessionRow


def _(text: str, **told: object) -> str:
    return str(gettext(text, **told))


def link(cafe: CafeRow, settings: Settings) -> str:
    """Return the one link to a café that stays the same whatever sessions it has."""
    return f"{settings.address}/c/{cafe.code}"


def letter(cafe: CafeRow, held: tuple[SessionRow, ...], settings: Settings) -> str:
    """Return the invitation: what it is, why you, where and how long, how to take part, and what becomes of words."""
    return "\n\n".join(
        (
            _("Dear colleague, dear neighbour,"),
            _("we invite you to “%(title)s”.", title=cafe.title) + " " + _what_it_is(),
            _("You are invited because you know something that no study can: what it is like here.")
            + " "
            + _about(held),
            "\n".join(_facts(cafe, held)),
            _("To take part on the day, open this link on any phone, or just come: paper and pens are there too.")
            + f"\n{link(cafe, settings)}",
            _needs(cafe),
            _words(),
            _("You may pass at any point, and you may leave without giving a reason."),
            _("With kind regards") + f"\n{cafe.host or cafe.organisation}",
        )
    )


def _what_it_is() -> str:
    return _(
        "An Evidence Café is an informal conversation over coffee between people who know the research and people who "
        "know the place. Everyone brings something, and together we choose a few small steps for better care towards "
        "the end of life."
    )


def _about(held: tuple[SessionRow, ...]) -> str:
    kit = framework.load()
    names = list(dict.fromkeys(_(kit.foundation(session.foundation).name) for session in held))
    if not names:
        return ""
    return _("This time we talk about: %(foundations)s.", foundations="; ".join(names))


def _facts(cafe: CafeRow, held: tuple[SessionRow, ...]) -> list[str]:
    when = languages.day(cafe.held_on) if cafe.held_on else _("(date and time)")
    lengths = [sum(agenda.course(session).values()) for session in held]
    lasts = _("about %(minutes)s minutes", minutes=max(lengths)) if any(lengths) else _("(how long)")
    return [
        _("When: %(when)s", when=when),
        _("Where: %(place)s", place=cafe.place or _("(place)")),
        _("How long: %(lasts)s", lasts=lasts),
    ]


def _needs(cafe: CafeRow) -> str:
    return _(
        "Please tell us what would make it easier for you to take part: getting in and around, hearing or seeing, what "
        "you eat and drink, someone to come with you. Tell us too which language you would like to use. %(contact)s",
        contact=_("You reach us here: %(contact)s", contact=cafe.contact) if cafe.contact else _("(how to reach us)"),
    )


def _words() -> str:
    return _(
        "Nobody is asked for a name. What you write is shown in the room without saying who wrote it, and you choose "
        "for each idea whether it goes further. You can take your words back, also afterwards. Please leave out names "
        "and details by which a patient, a family or a colleague could be recognised."
    )
