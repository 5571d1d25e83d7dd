"""For maintainers: make the fonts of the PDF anew; needs `pip install fonttools brotli`.

The letters are made from the vendored web fonts: typst reads none of these, and takes one file for a weight, so Latin
and its extension are joined. With the file `noto-emoji-emoji-400-normal.woff2` of the npm package
`@fontsource/noto-emoji` 5.3.2 named on the command line, the faces, hands, hearts and flowers people send are made;
what changes their colour, or joins several into one, is there without a shape. `signs.ttf` is our own, a frame for
every sign that no other font here has: PDF/UA refuses a sign without a shape, and what people typed must be there to be
read aloud and copied even where it cannot be drawn.
"""

import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.merge import Merger
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from fontTools.ttLib.tables._g_l_y_f import Glyph

HERE = Path(__file__).resolve().parent
WEB = HERE.parents[2] / "static" / "vendor" / "atkinson-hyperlegible-next"
WEIGHTS = {400: "regular.ttf", 700: "bold.ttf"}
FRAMES = ((60, -50, 540, 700), (490, 0, 110, 650))  # the outer one, and the hole in it
EMOJI = (
    *((0x2600, 0x27BF), (0x2B50, 0x2B50), (0x1F300, 0x1F320), (0x1F338, 0x1F33C), (0x1F380, 0x1F393)),
    *((0x1F3E0, 0x1F3E6), (0x1F440, 0x1F4AA), (0x1F4AC, 0x1F4AC), (0x1F4C5, 0x1F4F1), (0x1F600, 0x1F64F)),
    *((0x1F90D, 0x1F930), (0x1F970, 0x1F97A), (0x1F9E1, 0x1F9E1), (0x1FAC2, 0x1FAC2), (0x1FAF6, 0x1FAF6)),
)
JOINER = 0x200D
WITHOUT_SHAPE = (*range(0x1F3FB, 0x1F400), 0xFE0F, 0x2640, 0x2642)
MANY_SIGNS = 12  # the format of a font's table of signs beyond the first 65,536
MANY_TO_ONE = 13  # the format of a font's table of signs in which many have the same shape


def join(weight: int, name: str) -> None:
    """Join the web fonts of one weight into a file that typst reads."""
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for part in ("latin", "latin-ext"):
            font = TTFont(WEB / f"{part}-{weight}.woff2")
            font.flavor = None
            parts.append(str(Path(folder) / part))
            font.save(parts[-1])
        Merger().merge(parts).save(HERE / name)


def frame() -> Glyph:
    """Return the shape of a sign that no font has."""
    pen = TTGlyphPen(None)
    for left, bottom, right, top in FRAMES:
        pen.moveTo((left, bottom))
        for corner in ((left, top), (right, top), (right, bottom)):
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def signs() -> None:
    """Make the font that has the same shape for every sign there is or may ever be."""
    names = (".notdef", "frame")
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(names))
    builder.setupCharacterMap({ord(" "): "frame"})
    builder.setupGlyf(dict.fromkeys(names, frame()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 60)))
    builder.setupHorizontalHeader(ascent=950, descent=-250)
    builder.setupNameTable({"familyName": "Any Sign", "styleName": "Regular", "psName": "AnySign-Regular"})
    builder.setupOS2(sTypoAscender=950, sTypoDescender=-250, usWinAscent=950, usWinDescent=250)
    builder.setupPost()
    every = CmapSubtable.newSubtable(MANY_TO_ONE)
    every.platformID, every.platEncID, every.language = 3, 10, 0
    every.reserved = every.length = every.nGroups = 0
    every.cmap = {sign: "frame" for sign in range(0x20, 0x110000) if not 0xD800 <= sign < 0xE000}
    builder.font["cmap"].tables = [every]
    builder.save(HERE / "signs.ttf")


def emoji(source: Path) -> None:
    """Make the font of the signs that people send most, in one colour."""
    font = TTFont(source)
    font.flavor = None
    options = subset.Options(layout_features=[], hinting=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT"]
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=[JOINER, *(sign for first, last in EMOJI for sign in range(first, last + 1))])
    chosen.subset(font)
    for table in font["cmap"].tables:
        if table.format == MANY_SIGNS:
            table.cmap.update(dict.fromkeys(WITHOUT_SHAPE, table.cmap[JOINER]))
    font.save(HERE / "emoji.ttf")


def main(sources: list[str]) -> int:
    """Make all of them."""
    for weight, name in WEIGHTS.items():
        join(weight, name)
    signs()
    for source in sources:
        emoji(Path(source))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
