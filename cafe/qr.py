"""QR codes as pictures: black on white with their quiet zone, for any theme and for paper."""

import io
from typing import NamedTuple

import qrcode
import qrcode.constants
import qrcode.image.svg
from werkzeug.wrappers import Response


def picture(text: str) -> Response:
    """Return the QR code of a text as an SVG that can be drawn at any size."""
    code = qrcode.make(
        text,
        image_factory=qrcode.image.svg.SvgPathFillImage,
        error_correction=qrcode.constants.ERROR_CORRECT_Q,
        border=4,
    )
    stream = io.BytesIO()
    code.save(stream)
    return Response(stream.getvalue(), mimetype="image/svg+xml")


class Squares(NamedTuple):
    """A QR code to be drawn in a page: its width in squares, quiet zone included, and where they are black."""

    width: int
    path: str


def squares(text: str) -> Squares:
    """Return the QR code of a text that must stand in no address of its own."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    rows = code.get_matrix()
    black = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Squares(len(rows), "".join(black))


def network(name: str, password: str) -> str:
    """Return what a phone reads to join a wireless network; without a password, an open one."""
    kind = f"T:WPA;P:{_escaped(password)};" if password else "T:nopass;"
    return f"WIFI:S:{_escaped(name)};{kind};"


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in '\\;,:"' else char for char in text)
