"""The commands of whoever looks after an installation for people who cannot get in: `cafe passphrase`, `cafe team`.

They work while the database is being served, and print links for others to use: no passphrase is ever typed here. What
a link lets someone do is `sessions.links`', how the project team signs in `sessions.members`'.
"""

from typing import TYPE_CHECKING, TypeVar

import click

from cafe import asking

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from sessions.members import MemberRow

T = TypeVar("T")

_address = click.option("--address", metavar="URL", help="What the link begins with (or CAFE_ADDRESS).")


@click.command()
@asking.database
@_address
@click.argument("organisation", required=False)
def passphrase(database: str | None, address: str | None, organisation: str | None) -> None:
    """Print a link by which an organisation's facilitators get a new passphrase, once the old one is lost."""
    from sessions import links
    from sessions.permissions import Visitor

    origin = _origin(address)

    def make(db: "Connection") -> str:
        visitor = Visitor("facilitator", _organisation(db, organisation))
        return links.make(db, "passphrase", visitor)

    click.echo(f"{origin}/in/{_changed(database, make)}")
    click.echo(
        f"It works once, within {links.RESET_MINUTES} minutes, and makes any earlier one worthless. Whoever opens it "
        "chooses the new passphrase; everyone who signed in with the old one is signed out then. No café is changed."
    )


@click.group()
def team() -> None:
    """Invite to the project team, and help its members when they cannot sign in."""


@team.command("list")
@asking.database
def list_(database: str | None) -> None:
    """Print who is in the project team, and who still has to set up their second step."""
    from sessions import members

    with asking.opened(database) as store:
        store.migrate()
        with store.reading() as db:
            everyone = members.everyone(db)
    for member in everyone:
        waiting = "" if member.mark else "  (still has to set up the second step)"
        click.echo(f"{member.name}{waiting}")


@team.command()
@asking.database
@_address
@click.argument("organisation", required=False)
def invite(database: str | None, address: str | None, organisation: str | None) -> None:
    """Print a link that makes one person a member of the project team."""
    from sessions import links
    from sessions.permissions import Visitor

    origin = _origin(address)

    def make(db: "Connection") -> str:
        return links.make(db, "team", Visitor("unproved", _organisation(db, organisation)))

    click.echo(f"{origin}/in/{_changed(database, make)}")
    click.echo(f"It works once, within {links.LINK_DAYS} days. They need a phone with an authenticator app.")


@team.command()
@asking.database
@_address
@click.argument("name")
def reset(database: str | None, address: str | None, name: str) -> None:
    """Sign a member out at once, and print a link by which they choose a passphrase and set up the app again."""
    from sessions import links, members

    origin = _origin(address)

    def make(db: "Connection") -> str:
        member = _member(db, name)
        members.begin_again(db, member)
        return links.make(db, "team", member.visitor)

    click.echo(f"{origin}/in/{_changed(database, make)}")
    click.echo(
        f"It works once, within {links.MEMBER_HOURS} hours. Be sure that it reaches {name} and nobody else: until they "
        "have used it they cannot sign in, and their phone and spare codes are worthless from now on."
    )


@team.command()
@asking.database
@click.argument("name")
def remove(database: str | None, name: str) -> None:
    """Sign a member out at once, and let them in no more."""
    from sessions import members

    _changed(database, lambda db: members.remove(db, _member(db, name)))
    click.echo(f"{name} is not in the project team any more.")


def _changed(database: str | None, change: "Callable[[Connection], T]") -> T:
    with asking.opened(database) as store:
        store.migrate()
        with store.unit_of_work() as db:
            return change(db)


def _organisation(db: "Connection", named: str | None) -> str:
    """Return the id of the organisation that was named, or the only one."""
    from sessions import people

    found = people.organisations(db, named)
    if len(found) == 1:
        return found[0][0]
    if not found:
        sentence = "There is no organisation of that name." if named else "Nobody has set this installation up yet."
        raise click.UsageError(f"{sentence} {_all_of(db)}".strip())
    if named:
        raise click.UsageError(f"Several have that name. Name one by its id: {', '.join(id_ for id_, _name in found)}.")
    raise click.UsageError(f"Say which organisation. {_all_of(db)}")


def _all_of(db: "Connection") -> str:
    from sessions import people

    names = sorted({name for _id, name in people.organisations(db, None)})
    return f"There are: {'; '.join(names)}." if names else ""


def _member(db: "Connection", name: str) -> "MemberRow":
    from sessions import members

    member = members.known_as(db, name)
    if member is None:
        raise click.UsageError("Nobody in the project team has that name: see `cafe team list`.")
    return member


def _origin(address: str | None) -> str:
    from cafe.settings import own_origin

    try:
        return own_origin(address)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
