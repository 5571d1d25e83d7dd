"""The command `cafe guard`: how well text that may identify someone is found, on labelled sentences.

The sentences and the counting are `sessions.scoring`'s.
"""

import sys
from typing import TYPE_CHECKING

import click

from cafe import asking

if TYPE_CHECKING:
    from sessions.scoring import Score


@click.command()
def guard() -> None:
    """Measure how well text that may identify someone is found; exit code 1 when that is not well enough."""
    from sessions import scoring

    sentences = scoring.sentences()
    good = True
    for part in scoring.PARTS:
        scored = scoring.score(sentence for sentence in sentences if sentence.part == part)
        good = good and scored.good
        click.echo(_figures(part, scored))
    click.echo(f"Aims: recall at least {scoring.RECALL_AIM:.0%}, false alarms at most {scoring.FALSE_ALARMS_AIM:.0%}.")
    if not good:
        sys.exit(asking.CHECK_FAILED)


def _figures(part: str, scored: "Score") -> str:
    lines = [
        f"{part.replace('_', ' ')}: {scored.identifying + scored.clean} sentences, {scored.clean} of them clean",
        f"  recall {scored.recall:.1%}  precision {scored.precision:.1%}  false alarms {scored.false_alarms:.1%}",
        *(f"  {kind}: {scored.found[kind]} of {there} found" for kind, there in sorted(scored.there.items())),
        *(f"  missed: {each.text}" for each in scored.missed),
        *(f"  false alarm: {each.text}" for each in scored.wrong if not each.kinds),
    ]
    return "\n".join(lines)
