"""Pictures: whatever comes in, only what one sees of it goes out, and small; what is none is refused kindly."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from cafe import pictures
from cafe.pictures import Unfit, encoded_anew

PLACE = b"51.7520N 1.2577W"


def file_of(image: Image.Image, kind: str, **told) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **told)
    return stream.getvalue()


def noise(width: int, height: int) -> Image.Image:
    """What compresses worst."""
    return Image.effect_noise((width, height), 90).convert("RGB")


def shown(picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.image))


def test_a_photograph_loses_everything_but_what_one_sees():
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif[0x013B] = "Someone's name"
    photo = file_of(noise(300, 200), "JPEG", exif=exif, comment=PLACE)
    assert PLACE in photo
    picture = encoded_anew(photo)
    assert (picture.image_type, shown(picture).format) == ("image/jpeg", "JPEG")
    assert PLACE not in picture.image
    assert b"Exif" not in picture.image
    assert "exif" not in shown(picture).info
    assert "comment" not in shown(picture).info


def test_a_drawing_stays_a_drawing_without_its_notes():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", PLACE.decode())
    picture = encoded_anew(file_of(Image.new("RGB", (40, 30), "navy"), "PNG", pnginfo=notes))
    assert picture.image_type == "image/png"
    assert PLACE not in picture.image
    assert shown(picture).info == {}


def test_a_picture_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    picture = encoded_anew(file_of(Image.new("RGB", (80, 40), "red"), "JPEG", exif=exif))
    assert shown(picture).size == (40, 80)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_largest_pictures_come_out_small(kind):
    picture = encoded_anew(file_of(noise(2200, 1500), kind))
    assert len(picture.image) <= pictures.MOST_BYTES_OUT
    assert max(shown(picture).size) <= pictures.LONGEST_SIDE


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_way_of_keeping_colours_can_be_shown(mode):
    kind = {"CMYK": "JPEG"}.get(mode, "PNG")
    assert shown(encoded_anew(file_of(Image.new(mode, (30, 20)), kind))).size == (30, 20)


def test_what_is_see_through_is_white():
    picture = encoded_anew(file_of(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG"))
    assert shown(picture).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_of_a_moving_picture_the_first_is_kept():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    picture = encoded_anew(file_of(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert getattr(shown(picture), "n_frames", 1) == 1
    assert shown(picture).convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def bomb(width: int, height: int) -> bytes:
    """A few bytes that claim to be a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_few_bytes_cannot_claim_a_huge_picture(side):
    with pytest.raises(Unfit, match="too many pixels"):
        encoded_anew(bomb(side, side))


@pytest.mark.parametrize(
    "file",
    [b"", b"words", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", bomb(10, 10), b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_picture_is_refused(file):
    with pytest.raises(Unfit) as no:
        encoded_anew(file)
    assert str(no.value).endswith(".")


def test_half_a_picture_is_refused():
    whole = file_of(noise(200, 200), "JPEG")
    with pytest.raises(Unfit, match="damaged"):
        encoded_anew(whole[: len(whole) // 2])


def test_a_format_that_is_not_for_the_web_is_refused():
    with pytest.raises(Unfit, match="JPEG"):
        encoded_anew(file_of(Image.new("RGB", (10, 10)), "TIFF"))


def test_a_file_that_is_too_large_is_not_even_opened():
    with pytest.raises(Unfit, match="10 MB"):
        encoded_anew(bytes(pictures.MOST_BYTES_IN + 1))
