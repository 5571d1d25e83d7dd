"""QR codes as SVG: black on white with their quiet zone, for any theme. What they lead to is said by whoever asks."""

import io

import qrcode
import qrcode.constants
import qrcode.image.svg
from werkzeug.wrappers import Response


def picture(address: str) -> Response:
    """Give the QR code of an address."""
    drawn = qrcode.make(
        address,
        image_factory=qrcode.image.svg.SvgPathFillImage,
        error_correction=qrcode.constants.ERROR_CORRECT_Q,
        border=4,
    )
    stream = io.BytesIO()
    drawn.save(stream)
    return Response(stream.getvalue(), mimetype="image/svg+xml")
