"""Whether the app is up, whether it can work, and every limit it enforces."""

from collections.abc import Iterable

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import DBAPIError

from cafe.limits import MOST_HASHING, Rate
from cafe.live import MOST_MISSED
from cafe.lobby import LOBBY_SECONDS, MOST_IN_LOBBY
from cafe.packets import MOST_WAITING
from cafe.parts import parts
from sessions import commands, links, members, openings, passphrases, people, text

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def healthz() -> Response:
    """Say that the process answers, and which version it is."""
    return jsonify(status="ok", version=parts().settings.version)


@pages.get("/readyz")
def readyz() -> Response:
    """Say that changes are taken and the database answers, or why not."""
    if parts().store.read_only is not None:
        return _not_ready("the database is in doubt and only read: see cafe verify")
    if parts().writer.closed:
        return _not_ready("the server is about to stop")
    if parts().writer.trouble:
        return _not_ready(f"nothing can be saved: the disk is {parts().writer.trouble}")
    try:
        with parts().store.reading() as db:
            people.is_set_up(db)
    except DBAPIError:
        return _not_ready("the database does not answer")
    backups = parts().keeper.trouble or "ok"
    return jsonify(status="ok", version=parts().settings.version, backups=backups)


@pages.get("/limits")
def limits() -> Response:
    """Give every limit that is enforced."""
    return jsonify(
        commands_per_batch=commands.MOST_IN_A_BATCH,
        body_bytes=commands.MOST_BYTES,
        text_characters=text.LONGEST_TEXT,
        line_characters=text.LONGEST_LINE,
        nested_at_most=commands.DEEPEST,
        missed_bytes_over_socket=MOST_MISSED,
        unread_bytes_of_a_socket=MOST_WAITING,
        sockets_watching_nothing=MOST_IN_LOBBY,
        seconds_until_a_socket_must_watch=int(LOBBY_SECONDS),
        late_post_seconds=int(openings.GRACE.total_seconds()),
        link_days=links.LINK_DAYS,
        setup_link_minutes=links.SETUP_MINUTES,
        passphrase_characters_at_least=passphrases.SHORTEST,
        team_codes_tried_before_a_pause=members.TRIES,
        team_pause_seconds_at_most=int(members.LONGEST_PAUSE.total_seconds()),
        team_signed_in_hours=people.TEAM_HOURS,
        passphrases_waiting=MOST_HASHING,
        seats="on" if parts().pace.limits.seats else "off",
        **{name: {"at_once": each.burst, "then_one_every_seconds": each.seconds} for name, each in _rates()},
    )


def _rates() -> Iterable[tuple[str, Rate]]:
    return parts().pace.limits.rates().items()


def _not_ready(reason: str) -> Response:
    response = jsonify(status="not ready", reason=reason)
    response.status_code = 503
    return response
