"""The command line `cafe`: a command imports what it needs when it runs; wrong use is one sentence and exit code 2."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])

WRONG_USE = 2


def main() -> None:
    """Run the command line."""
    try:
        cafe.main(standalone_mode=False)
    except click.ClickException as error:
        sys.stderr.write(f"{error.format_message()}\n")
        sys.exit(WRONG_USE)
    except click.Abort:
        sys.exit(1)


def database(command: F) -> F:
    """Give a command the option that every one takes."""
    return click.option("--database", metavar="URL", help="Which database (or CAFE_DATABASE).")(command)


@click.group()
@click.version_option(package_name="evidence-cafe")
def cafe() -> None:
    """Run Evidence Cafés: live sessions on the foundations of the Ambitions framework."""


@cafe.command()
@database
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 for the whole network.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--address", metavar="URL", help="What phones use, for the QR code (or CAFE_ADDRESS).")
@click.option("--secret-file", metavar="FILE", help="Where the secret is kept.")
def serve(database: str | None, host: str, port: int, address: str | None, secret_file: str | None) -> None:
    """Serve, after bringing the database up to date."""
    from cafe import serve as server  # patches the standard library, so it comes before anything that uses it
    from cafe.settings import settle
    from sessions import people
    from sessions.store import Store

    port = port or server.free_port(host)
    try:
        settings = settle(database=database, host=host, port=port, address=address, secret_file=secret_file)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    store = Store(settings.database)
    store.migrate()
    with store.unit_of_work() as db:
        link = None if people.is_set_up(db) else people.make_link(db, "setup")
    if link:
        click.echo(f"Set up this Evidence Café, within {people.SETUP_MINUTES} minutes: {settings.address}/in/{link}")
    if not settings.reachable and host == "0.0.0.0":  # noqa: S104
        click.echo("No network address was found: phones cannot join until this computer is on a network.")
    elif settings.reachable:
        click.echo(f"Phones join at {settings.address}")
    try:
        server.serve(settings, host, store)
    except OSError as error:
        raise click.UsageError(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None


@cafe.command()
@database
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
    from sessions.store import Store

    store = Store(_url(database))
    store.migrate()
    try:
        with store.unit_of_work() as db:
            opened: Opened = bootstrap(db, title=title, foundation=foundation, agenda=agenda)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    made = opened.with_links(own_origin(address))
    if as_json:
        click.echo(json.dumps(made))
        return
    for name, value in made.items():
        click.echo(f"{name}: {value}")


@cafe.command()
@database
@click.argument("code")
def snapshot(database: str | None, code: str) -> None:
    """Print the console view of a session as canonical JSON."""
    import msgspec

    from sessions import changes
    from sessions.store import Store, find_session, tidy_code

    store = Store(_url(database))
    store.migrate()
    with store.reading() as db:
        session = find_session(db, tidy_code(code))
        if session is None:
            raise click.UsageError("There is no session with this code.")
        data = changes.snapshot(db, session, "console").data()
    builtins = msgspec.to_builtins(data)
    click.echo(json.dumps(builtins, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=date.isoformat))


@cafe.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure a full room on this machine (in a checkout); prints figures as JSON."""
    checkout = Path(__file__).parent.parent
    if not (checkout / "bench" / "__main__.py").is_file():
        raise click.UsageError("The benchmark comes with the source code, in its folder bench/: run it from there.")
    done = subprocess.run([sys.executable, "-m", "bench", *arguments], cwd=checkout, check=False)  # noqa: S603
    sys.exit(done.returncode)


def _url(database: str | None) -> str:
    from cafe.settings import database_url

    return database_url(database)
