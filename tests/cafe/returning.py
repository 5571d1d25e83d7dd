"""A Word guide edited as people edit one, and what stands in it when it comes back."""

import io
import zipfile
from copy import deepcopy

import docx
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from cafe.exports.docx_back import read_back
from cafe.exports.docx_marks import key
from sessions.guide import Chapter, Guide, KitExample, Line, SmallStep
from sessions.returned import Compared, Difference, Returned, compared
from tests.cafe.guides import action, chapter, guide, written

CHAPTER = "chapteraaaaaaaaa"


def ref(name: str) -> str:
    """A ref as refs look."""
    return (name + "a" * 16)[:16]


def with_refs(**told) -> Guide:
    """The usual guide, with refs."""
    return guide(a_chapter(**told))


def a_chapter(**told) -> Chapter:
    return chapter(
        ref=CHAPTER,
        introduction="Why this matters to us.",
        local_examples=(Line(ref=ref("rota"), text="A Sunday pharmacist rota.", kind="example"),),
        examples_elsewhere=(
            KitExample(ref=ref("kit"), text="An advice line.", setting="Hospice", evidence="reported", source=1),
        ),
        actions=(
            action("The number on every folder", ref=ref("folder"), rank=1, dots=11, chosen_by=11),
            action("One page for families", ref=ref("page"), rank=2, dots=8, chosen_by=8),
            action("Ring every new carer", ref=ref("ring"), rank=3, dots=5, chosen_by=5),
        ),
        also_said=(action("A second bell at the side door", ref=ref("bell")),),
        concerns=(
            Line(ref=ref("tried"), text="We tried this in 2023.", kind="concern"),
            Line(ref=ref("nights"), text="Evenings are hard.", kind="concern"),
        ),
        questions=(Line(ref=ref("call"), text="Does a call back help?", kind="question"),),
        steps=(SmallStep(ref=ref("step"), what="Put the number on every folder", lead="The ward clerk"),),
        **told,
    )


class Edited:
    """A Word guide in somebody's hands."""

    def __init__(self, made: Guide):
        self.made = made
        self.file: Document = docx.Document(io.BytesIO(written(made)))

    def paragraphs(self) -> list[Paragraph]:
        """Every paragraph of the file, those in tables too, in order."""
        return [Paragraph(each, self.file) for each in self.file.element.body.iter(qn("w:p"))]

    def find(self, words: str) -> Paragraph:
        """The last paragraph that begins with these words: on the first page some stand as well."""
        return [each for each in self.paragraphs() if each.text.startswith(words)][-1]

    def say(self, words: str, instead: str, everywhere: bool = False) -> None:
        """Type over a line's words, leaving what is around them, and its bookmark."""
        for paragraph in [each for each in self.paragraphs() if each.text.startswith(words)][0 if everywhere else -1 :]:
            next(run for run in paragraph.runs if run.text == words).text = instead

    def type_over(self, words: str, instead: str) -> None:
        """Choose a whole paragraph and type, with which its bookmark goes."""
        paragraph = self.find(words)
        for each in list(paragraph._p):
            if each.tag != qn("w:pPr"):
                paragraph._p.remove(each)
        paragraph.add_run(instead)

    def delete(self, words: str) -> None:
        """Delete a paragraph and what is in it."""
        paragraph = self.find(words)._p
        paragraph.getparent().remove(paragraph)

    def add_after(self, words: str, new: str) -> Paragraph:
        """Go to the end of a paragraph, press Enter, and type."""
        paragraph = self.find(words)
        fresh = deepcopy(paragraph._p)
        for each in list(fresh):
            if each.tag != qn("w:pPr"):
                fresh.remove(each)
        paragraph._p.addnext(fresh)
        made = Paragraph(fresh, paragraph._parent)
        made.add_run(new)
        return made

    def bytes(self) -> bytes:
        stream = io.BytesIO()
        self.file.save(stream)
        return stream.getvalue()

    def back(self) -> Returned:
        return read_back(io.BytesIO(self.bytes()))

    def compared(self, now: Guide | None = None) -> Compared | None:
        return compared(now or self.made, self.back(), key)

    def differences(self, now: Guide | None = None) -> list[Difference]:
        return list(self.compared(now).differences)


def tracked(tag: str, *inside) -> object:
    """A tracked change around runs."""
    change = OxmlElement(f"w:{tag}", {qn("w:id"): "900", qn("w:author"): "An editor"})
    for each in inside:
        change.append(each)
    return change


def repacked(held: bytes, **parts: bytes) -> bytes:
    """A Word file with parts put in or replaced, by names with slashes written as double underscores."""
    stream = io.BytesIO()
    new = {name.replace("__", "/"): value for name, value in parts.items()}
    with zipfile.ZipFile(io.BytesIO(held)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name in old.namelist():
            if name not in new:
                package.writestr(name, old.read(name))
        for name, value in new.items():
            package.writestr(name, value)
    return stream.getvalue()
