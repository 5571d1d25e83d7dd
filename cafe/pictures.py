"""Pictures that people bring: decoded and encoded anew, small, upright, and with nothing in them but what one sees.

Whatever else a file held (where and when it was taken, by whom, hidden thumbnails) is left behind.
"""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from sessions.evidence import Picture

MOST_BYTES_IN = 10 * 1024 * 1024
MOST_BYTES_OUT = 400 * 1000
LONGEST_SIDE = 1600  # pixels of the picture that is kept
MOST_PIXELS = 50_000_000  # of the one that is brought: a phone's best today; a few kilobytes can claim billions
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITIES = (85, 75, 65)


class Unfit(ValueError):  # noqa: N818  # a reason to say no kindly
    """A file that cannot be shown; the message says why, to whoever chose it."""


def encoded_anew(file: bytes) -> Picture:
    """Return a picture as it is kept; raises Unfit. Takes up to a second of processor: call it off the event loop."""
    if len(file) > MOST_BYTES_IN:
        raise Unfit("This picture is larger than 10 MB. Please choose a smaller one.")
    image, was_drawn = _opened(file)
    if was_drawn and len(drawn := _as_png(image)) <= MOST_BYTES_OUT:
        return Picture(drawn, "image/png")
    while True:
        for quality in _QUALITIES:
            if len(photo := _as_jpeg(image, quality)) <= MOST_BYTES_OUT:
                return Picture(photo, "image/jpeg")
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)), Image.Resampling.LANCZOS)


def _opened(file: bytes) -> tuple[Image.Image, bool]:
    """Return what one sees of a file, upright and on white, and whether its format is for drawings."""
    try:
        with Image.open(io.BytesIO(file), formats=_FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:
                raise Unfit("This picture has too many pixels. Please choose a smaller one.")
            drawn = found.format in {"PNG", "GIF"}
            found.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))  # a photograph is decoded no larger than needed
            upright = ImageOps.exif_transpose(found)
            if upright.mode not in {"L", "RGB", "RGBA", "CMYK"}:
                upright = upright.convert("RGBA")
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            return _on_white(upright), drawn
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unfit("This picture has too many pixels. Please choose a smaller one.") from None
    except UnidentifiedImageError:
        raise Unfit("This does not look like a picture. Please choose a JPEG, PNG, WebP or GIF file.") from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:  # what Pillow says of broken files
        if isinstance(error, Unfit):
            raise
        raise Unfit("This picture could not be read: the file may be damaged. Please choose another one.") from None


def _on_white(image: Image.Image) -> Image.Image:
    """Return a copy that holds nothing but pixels; where it was see-through, it is white."""
    seen = image.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _as_png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _as_jpeg(image: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality, optimize=True, progressive=True)
    return stream.getvalue()
