"""The command line `cafe`: running sessions. A command imports what it needs when it runs.

What keeps their data safe is in `upkeep`, who is let in in `letting_in`, what comes from elsewhere in `taking_in`; what
all commands share in `asking`.
"""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import click

from cafe import asking, guard, letting_in, samples, taking_in, upkeep


def main() -> None:
    """Run the command line."""
    asking.answer(cafe)


@click.group()
@click.version_option(package_name="evidence-cafe")
def cafe() -> None:
    """Run Evidence Cafés: live sessions on the foundations of the Ambitions framework."""


@cafe.command()
@asking.database
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 for the whole network.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--address", metavar="URL", help="What phones use, for the QR code (or CAFE_ADDRESS).")
@click.option("--secret-file", metavar="FILE", help="Where the secret is kept.")
def serve(database: str | None, host: str, port: int, address: str | None, secret_file: str | None) -> None:
    """Serve, after looking the database over and bringing it up to date."""
    from cafe import serve as server  # patches the standard library, so it comes before anything that uses it
    from cafe import starting
    from cafe.doctor import Place
    from cafe.settings import settle
    from sessions import links

    try:
        port = port or server.free_port(host)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None
    try:
        starting.refuse_what_is_unsafe(Place.of(database, host, port, address, secret_file))
        settings = settle(database=database, host=host, port=port, address=address, secret_file=secret_file)
        store = starting.open_store(settings.database)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    link = starting.set_up_link(store)
    if link:
        click.echo(f"Set up this Evidence Café, within {links.SETUP_MINUTES} minutes: {settings.address}/in/{link}")
    if not settings.reachable and host == "0.0.0.0":  # noqa: S104
        click.echo("No network address was found: phones cannot join until this computer is on a network.")
    elif settings.reachable:
        click.echo(f"Phones join at {settings.address}")
    try:
        server.serve(settings, host, store)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None


@cafe.command()
@asking.database
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--foundation", default="co-design", show_default=True, metavar="ID")
@click.option("--title", default="Evidence Café", show_default=True)
@click.option("--agenda", default="together", show_default=True, type=click.Choice(["together", "cafe"]))
@click.option("--address", metavar="URL", help="What links begin with (or CAFE_ADDRESS).")
def bootstrap(
    database: str | None, as_json: bool, foundation: str, title: str, agenda: str, address: str | None
) -> None:
    """Create an organisation, a facilitator, a café and one open session, without asking."""
    from cafe.settings import own_origin
    from sessions.opening import Opened, bootstrap

    try:
        origin = own_origin(address)
        with asking.opened(database) as store:
            store.migrate()
            with store.unit_of_work() as db:
                opened: Opened = bootstrap(db, title=title, foundation=foundation, agenda=agenda)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    made = opened.with_links(origin)
    if as_json:
        click.echo(json.dumps(made))
        return
    for name, value in made.items():
        click.echo(f"{name}: {value}")


@cafe.command()
@asking.database
@click.argument("code")
def snapshot(database: str | None, code: str) -> None:
    """Print the console view of a session as canonical JSON."""
    import msgspec

    from sessions import changes, trail
    from sessions.store import find_session, tidy_code

    with asking.opened(database) as store:
        store.migrate()
        with store.reading() as db:
            session = find_session(db, tidy_code(code))
            if session is None:
                raise click.UsageError("There is no session with this code.")
            data = changes.snapshot(db, session, "console").data()
        with store.unit_of_work() as db:
            trail.note(db, trail.BY_COMMAND, "data", "", [session.cafe_id], session.id)
    builtins = msgspec.to_builtins(data)
    click.echo(json.dumps(builtins, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=date.isoformat))


@cafe.command()
@asking.database
@click.argument("code")
@click.option("--phones", default=12, show_default=True, type=click.IntRange(1, 60), help="How many people to pretend.")
@click.option("--minutes", default=90.0, show_default=True, type=click.FloatRange(0, 240, min_open=True))
@click.option("--seed", type=int, help="The same seed makes the same choices.")
@click.option("--address", metavar="URL", help="Where the server is (or CAFE_ADDRESS).")
def rehearse(
    database: str | None, code: str, phones: int, minutes: float, seed: int | None, address: str | None
) -> None:
    """Fill a session with pretend phones, to practise; clear them away from the console afterwards."""
    from cafe.rehearse import Crowd
    from cafe.settings import own_origin
    from sessions import rehearsal
    from sessions.commands import Refused
    from sessions.store import find_session, tidy_code

    code = tidy_code(code)
    try:
        origin = own_origin(address)
        with asking.opened(database) as store, store.unit_of_work() as db:
            session = find_session(db, code)
            if session is None:
                raise click.UsageError("There is no session with this code.")
            links = rehearsal.invite(db, session, phones)
    except Refused as no:
        raise click.UsageError(no.say) from None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"{phones} pretend phones are coming to {code} at {origin}. Press Ctrl-C to stop them.")
    joined = Crowd(origin, code, links, phones, seed).run(minutes)
    if not joined:
        raise asking.No(f"Nobody could join: no server answered at {origin}. Give its --address.", asking.CHECK_FAILED)
    click.echo(f"{joined} joined. What they wrote is cleared away with “Stop and clear”, on the console under People.")


def _cannot_listen(host: str, port: int, error: OSError) -> click.UsageError:
    return click.UsageError(f"Cannot listen on {host}, port {port}: {error.strerror}.")


@cafe.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure a full room on this machine (in a checkout); prints figures as JSON."""
    checkout = Path(__file__).parent.parent
    if not (checkout / "bench" / "__main__.py").is_file():
        raise click.UsageError("The benchmark comes with the source code, in its folder bench/: run it from there.")
    done = subprocess.run([sys.executable, "-m", "bench", *arguments], cwd=checkout, check=False)  # noqa: S603
    sys.exit(done.returncode)


for command in (
    guard.guard,
    letting_in.passphrase,
    letting_in.team,
    samples.samples,
    taking_in.import_,
    upkeep.verify,
    upkeep.doctor,
    upkeep.backup,
    upkeep.restore,
    upkeep.retention,
):
    cafe.add_command(command)
