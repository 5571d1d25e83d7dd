"""A web page in one file that needs nothing else: no script, no font or picture from anywhere.

The page's own policy allows its style sheet by the digest, and nothing more. What stands in a page is its template's.
"""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cafe.exports.catalogue import _, code
from cafe.exports.plain import clean

PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def one_file(name: str, foot: str, **given: object) -> bytes:
    """Return the page of a template, in it the style sheet of that name; `foot` is what that says on paper."""
    told = {"foot": _in_style(foot), "language": code(), "_": _, **given}
    policy = _policy(PAGES.get_template(f"{name}.css").render(told))
    return clean(PAGES.get_template(f"{name}.html").render(told, policy=policy)).encode()


def _in_style(text: str) -> str:
    """Return a text as a style sheet holds it between quotes: every sign by its number, so that none has a meaning."""
    return "".join(f"\\{ord(sign):x} " for sign in clean(text))


def _policy(style: str) -> str:
    """Return the content security policy of a page that has this style sheet and nothing else."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
