"""QR codes as pictures: black on white with their quiet zone, for any theme and for paper."""

import io

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


def network(name: str, password: str) -> str:
    """Return what a phone reads to join a wireless network; without a password, an open one."""
    kind = f"T:WPA;P:{_escaped(password)};" if password else "T:nopass;"
    return f"WIFI:S:{_escaped(name)};{kind};"


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in '\\;,:"' else char for char in text)
