"""The draft guide as one web page that needs nothing else: no script, no font or picture from anywhere.

What each block of the outline becomes is `web/blocks.html`, how it looks `web/guide.css`. The page's own policy allows
that style sheet by its digest, and nothing more.
"""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cafe.exports.blocks import Block
from cafe.exports.catalogue import _, code, in_its_language
from cafe.exports.outline import outline
from cafe.exports.plain import clean
from sessions.guide import Guide

PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@in_its_language
def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide to the stream as an HTML page in UTF-8."""
    document = outline(guide)
    foot = _in_style(document.foot)
    policy = _policy(PAGES.get_template("guide.css").render(foot=foot))
    page = PAGES.get_template("guide.html").render(
        document=document, foot=foot, policy=policy, kind=_kind, language=code(), _=_
    )
    stream.write(clean(page).encode())


def _kind(block: Block) -> str:
    """Return what a block is called, and so the macro that draws it."""
    return type(block).__name__


def _in_style(text: str) -> str:
    """Return a text as a style sheet holds it between quotes: every sign by its number, so that none has a meaning."""
    return "".join(f"\\{ord(sign):x} " for sign in clean(text))


def _policy(style: str) -> str:
    """Return the content security policy of a page that has this style sheet and nothing else."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
