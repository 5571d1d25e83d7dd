"""A Word guide that was edited comes back: what is different is found, whatever Word does with bookmarks meanwhile."""

import io
import struct
import zipfile
from copy import deepcopy

import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from msgspec.structs import replace

from cafe.exports.docx_back import read_back
from cafe.exports.docx_marks import key
from cafe.exports.docx_open import MOST_TAGS, MOST_UNPACKED, NotOurs
from sessions.guide import Line
from sessions.returned import compared
from tests.cafe.guides import HOSTILE, action, chapter, guide, written
from tests.cafe.office import converted
from tests.cafe.returning import CHAPTER, Edited, a_chapter, ref, repacked, tracked, with_refs

TRIED, NIGHTS, BELL = "We tried this in 2023.", "Evenings are hard.", "A second bell at the side door"


@pytest.fixture
def edited() -> Edited:
    return Edited(with_refs())


def told(differences) -> list[tuple]:
    return [(each.kind, each.ref, each.words or each.now) for each in differences]


# Nothing


def test_what_nobody_edited_is_no_difference(edited):
    assert edited.differences() == []
    assert edited.compared().noted == ()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_come_back_as_they_went_out(text):
    line = action(text, ref=ref("hostile"), rank=1, dots=1, chosen_by=1)
    many = (line, Line(ref=ref("other"), text="Other.", kind="concern"))
    edited = Edited(guide(a_chapter(name=text), title=text))
    assert edited.differences() == []
    assert Edited(guide(chapter(ref=CHAPTER, actions=many[:1], concerns=many[1:]))).differences() == []


# Words


def test_a_reworded_line_is_found_by_its_bookmark(edited):
    edited.say(TRIED, "We tried this twice.")
    [found] = edited.differences()
    assert (found.kind, found.ref, found.now, found.words) == ("changed", ref("tried"), TRIED, "We tried this twice.")
    assert not found.both


def test_a_line_that_was_typed_over_is_found_by_its_place(edited):
    edited.type_over(TRIED, "We tried this twice.")
    assert told(edited.differences()) == [("changed", ref("tried"), "We tried this twice.")]


def test_a_line_that_was_cut_and_put_elsewhere_is_no_difference(edited):
    cut = edited.find(NIGHTS)._p
    edited.find(BELL)._p.addnext(cut)
    assert edited.differences() == []


def test_a_line_that_lost_its_bookmark_when_it_was_moved_is_no_difference(edited):
    edited.delete(NIGHTS)
    edited.add_after(BELL, NIGHTS)
    assert edited.differences() == []


def test_only_spacing_and_composition_is_no_difference(edited):
    edited.say(TRIED, "We  tried this\u00a0in 2023. ")
    assert edited.differences() == []


def test_a_change_on_the_first_page_counts_for_the_line(edited):
    edited.say("Put the number on every folder", "Put the number on every fridge", everywhere=True)
    assert told(edited.differences()) == [("changed", ref("step"), "Put the number on every fridge")]


def test_two_changes_of_one_line_in_two_places_are_both_told(edited):
    first, *_others, last = (p for p in edited.paragraphs() if p.text.startswith("Put the number on every folder"))
    first.runs[0].text, last.runs[0].text = "On the fridge", "On the folder"
    assert {each[2] for each in told(edited.differences())} == {"On the fridge", "On the folder"}


def test_the_title_the_aim_and_an_introduction_are_fields(edited):
    edited.say(edited.made.title, "Small steps for Northvale")
    edited.say("Why this matters to us.", "Why this matters.")
    [aim] = [p for p in edited.paragraphs() if p.text.endswith("What small step could we take?")]
    aim.runs[-1].text = "To ring everyone."
    assert [(each.field, each.words) for each in edited.differences()] == [
        ("title", "Small steps for Northvale"),
        ("aim", "To ring everyone."),
        ("introduction", "Why this matters."),
    ]


def test_what_was_reworded_at_the_desk_since_is_no_difference(edited):
    tried = Line(ref=ref("tried"), text="Tried, once.", kind="concern")
    now = with_refs()
    now = replace(now, chapters=(replace(now.chapters[0], concerns=(tried, *now.chapters[0].concerns[1:])),))
    assert edited.differences(now) == []
    edited.say(TRIED, "Tried, once.")
    assert edited.differences(now) == []
    edited = Edited(with_refs())
    edited.say(TRIED, "We tried this twice.")
    [both] = edited.differences(now)
    assert (both.both, both.now, both.words) == (True, "Tried, once.", "We tried this twice.")


def test_a_changed_line_that_is_in_the_guide_no_longer_is_only_counted(edited):
    edited.say(TRIED, "We tried this twice.")
    now = with_refs()
    now = replace(now, chapters=(replace(now.chapters[0], concerns=now.chapters[0].concerns[1:]),))
    assert (edited.differences(now), edited.compared(now).unknown) == ([], 1)


# New and gone


def test_a_deleted_line_is_gone(edited):
    edited.delete(NIGHTS)
    assert told(edited.differences()) == [("gone", ref("nights"), NIGHTS)]


def test_an_emptied_line_is_gone(edited):
    edited.say(NIGHTS, "")
    assert told(edited.differences()) == [("gone", ref("nights"), NIGHTS)]


@pytest.mark.parametrize(
    ("after", "name"),
    [
        (TRIED, "concerns"),
        (BELL, "also_said"),
        ("A Sunday pharmacist rota.", "local_examples"),
        ("Does a", "questions"),
    ],
)
def test_a_new_line_belongs_where_it_stands(edited, after, name):
    edited.add_after(after, "Weekends too.")
    [found] = edited.differences()
    assert (found.kind, found.ref, found.field, found.words) == ("new", CHAPTER, name, "Weekends too.")


def test_a_line_in_place_of_the_sentence_that_there_is_none_is_new():
    edited = Edited(with_refs_but(concerns=()))
    edited.type_over("Nobody raised a concern", "We are too few.")
    [found] = edited.differences()
    assert (found.kind, found.field, found.words, found.instead) == ("new", "concerns", "We are too few.", True)


def with_refs_but(**told):
    now = with_refs()
    return replace(now, chapters=(replace(now.chapters[0], **told),))


def test_a_new_partner_belongs_to_the_partners(edited):
    edited.type_over("None named yet.", "The night pharmacy")
    [found] = edited.differences()
    assert (found.kind, found.ref, found.field, found.words) == ("new", "guide", "partners", "The night pharmacy")


def test_a_new_row_of_the_table_is_a_new_line(edited):
    table = next(each for each in edited.file.tables if "Rank" in each.rows[0].cells[0].text)
    row = table.add_row()
    row.cells[0].text, row.cells[1].text = "4", "Share the rota"
    compared = edited.compared()
    assert told(compared.differences) == [("new", CHAPTER, "Share the rota")]
    assert [each.words for each in compared.noted] == ["4"]


def test_a_deleted_row_is_a_line_that_is_gone(edited):
    table = next(each for each in edited.file.tables if "Rank" in each.rows[0].cells[0].text)
    gone = next(row for row in table.rows if row.cells[1].text.startswith("One page for families"))
    table._tbl.remove(gone._tr)
    assert told(edited.differences()) == [("gone", ref("page"), "One page for families")]


# What Word does with bookmarks


def test_enter_in_the_middle_of_a_line_makes_two(edited):
    paragraph = edited.find(NIGHTS)
    paragraph.runs[0].text = "Evenings are"
    rest = edited.add_after("Evenings are", "hard.")
    rest._p.append(paragraph._p.find(qn("w:bookmarkEnd")))
    assert told(edited.differences()) == [("changed", ref("nights"), "Evenings are"), ("new", CHAPTER, "hard.")]


def test_enter_before_a_line_leaves_the_line_as_it_is(edited):
    fresh = edited.add_after(TRIED, "Something before it.")
    fresh._p.insert(1, edited.find(NIGHTS)._p.find(qn("w:bookmarkStart")))
    assert told(edited.differences()) == [("new", CHAPTER, "Something before it.")]


def test_two_lines_made_one_are_a_change_and_a_line_that_is_gone(edited):
    second = edited.find(NIGHTS)
    for each in [each for each in second._p if each.tag != qn("w:pPr")]:
        edited.find(TRIED)._p.append(each)
    second._p.getparent().remove(second._p)
    changed, gone = edited.differences()
    assert (changed.kind, changed.ref, changed.words.startswith(TRIED + NIGHTS)) == ("changed", ref("tried"), True)
    assert (gone.kind, gone.ref) == ("gone", ref("nights"))


def test_an_empty_bookmark_left_behind_by_a_deleted_line_takes_no_other(edited):
    gone, after = edited.find(TRIED), edited.find(NIGHTS)
    for place, each in enumerate(gone._p.findall(qn("w:bookmarkStart")) + gone._p.findall(qn("w:bookmarkEnd"))):
        after._p.insert(1 + place, each)
    gone._p.getparent().remove(gone._p)
    assert told(edited.differences()) == [("gone", ref("tried"), TRIED)]


def test_a_copied_bookmark_counts_once(edited):
    original = edited.find(NIGHTS)._p
    original.addnext(deepcopy(original))
    assert told(edited.differences()) == [("new", CHAPTER, edited.find(NIGHTS).text.strip())]


def test_tracked_changes_count_as_accepted(edited):
    line, run = edited.find(TRIED)._p, edited.find(TRIED).runs[0]._r
    old = OxmlElement("w:r")
    old.append(OxmlElement("w:delText"))
    old[0].text = "in 2023."
    run.find(qn("w:t")).text = "We tried this "
    new = parse_xml(f"<w:r {nsdecls('w')}><w:t>twice.</w:t></w:r>")
    run.addnext(tracked("ins", new))
    run.addnext(tracked("del", old))
    assert line is not None
    deleted = edited.find(NIGHTS)
    for each in [*deleted.runs]:
        each._r.addprevious(tracked("del"))
        each._r.getprevious().append(each._r)
    assert told(edited.differences()) == [
        ("changed", ref("tried"), "We tried this twice."),
        ("gone", ref("nights"), NIGHTS),
    ]


def test_libreoffice_opens_and_saves_it_and_the_same_differences_are_found(edited, tmp_path):
    edited.say(TRIED, "We tried this twice.")
    edited.type_over("Does a call back help?", "Does ringing back help?")
    edited.delete(NIGHTS)
    edited.add_after(BELL, "And a third one.")
    (tmp_path / "guide.docx").write_bytes(edited.bytes())
    saved = converted(tmp_path / "guide.docx", "docx:MS Word 2007 XML", tmp_path)
    returned = read_back(io.BytesIO(saved.read_bytes()))
    found = compared(edited.made, returned, key)
    assert told(found.differences) == told(edited.differences())
    assert len(found.differences) == 4
    assert found.noted == ()


# What the guide has no place for


def test_what_was_filled_in_for_a_small_step_is_a_difference_and_a_comment_is_told(edited):
    rows = (row for table in edited.file.tables for row in table.rows if row.cells[0].text == "1")
    step = next(row for row in rows if row.cells[1].text.startswith("Put the number on every folder"))
    step.cells[-1].paragraphs[0].add_run("Nobody asks twice")
    edited.file.add_comment(edited.find(TRIED).runs, text="Is this so?", author="An editor")
    found = edited.compared()
    assert ("comment", "Is this so?") in {(each.kind, each.words) for each in found.noted}
    [filled_in] = found.differences
    assert (filled_in.kind, filled_in.field, filled_in.words) == ("changed", "how_we_know", "Nobody asks twice")
    assert filled_in.on == "Put the number on every folder"


# What is no guide


def files() -> dict[str, bytes]:
    ours = written(with_refs())
    turned = zipfile.ZipFile(io.BytesIO(ours)).getinfo("word/document.xml").header_offset + 300
    declared = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    empty = f"<w:document {nsdecls('w')}/>".encode()
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as package:
        for number in range(3000):
            package.writestr(f"part{number}.xml", b"")
    document = zipfile.ZipFile(io.BytesIO(ours)).read("word/document.xml")
    record = zipfile.ZipFile(io.BytesIO(ours)).read("customXml/item1.xml")
    return {
        "nothing": b"",
        "an old Word file": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "a PDF": b"%PDF-1.7\n1 0 obj",
        "a web page": b"<!doctype html><title>Guide</title>",
        "half a file": ours[: len(ours) // 2],
        "a file with its end cut off": ours[:-30],
        "a file with a bit turned": ours[:turned] + bytes([ours[turned] ^ 255]) + ours[turned + 1 :],
        "an empty package": b"PK\x05\x06" + b"\0" * 18,
        "a package of something else": repacked(b"PK\x05\x06" + b"\0" * 18, hello__txt=b"hello"),
        "thousands of parts": many.getvalue(),
        "a Word file of somebody else's": repacked(ours, **{"customXml/item1.xml": b"<other/>"}),
        "a record of another kind": repacked(ours, **{"customXml/item1.xml": record.replace(b'edition="1"', b"")}),
        "a record with names of another kind": repacked(
            ours, **{"customXml/item1.xml": record.replace(b'm="_', b'm="')}
        ),
        "a bomb": repacked(ours, **{"word/document.xml": document + b" " * MOST_UNPACKED}),
        "a million empty paragraphs": repacked(
            ours, **{"word/document.xml": document.replace(b"<w:body>", b"<w:body>" + b"<w:p/>" * MOST_TAGS)}
        ),
        "entities in the document": repacked(ours, **{"word/document.xml": declared + empty}),
        "entities in another encoding": repacked(
            ours,
            **{
                "word/document.xml": (declared + empty)
                .decode()
                .replace("1.0", '1.0" encoding="utf-16')
                .encode("utf-16")
            },
        ),
        "no body": repacked(ours, **{"word/document.xml": empty}),
        "no XML": repacked(ours, **{"word/document.xml": b"\0\1\2"}),
        "an unknown encoding": repacked(ours, **{"word/document.xml": b'<?xml version="1.0" encoding="x-y"?><a/>'}),
        "deeper than any paper": repacked(ours, **{"word/document.xml": b"<a>" * 5000 + b"</a>" * 5000}),
        "an outside document": repacked(
            ours,
            **{
                "_rels/.rels": zipfile.ZipFile(io.BytesIO(ours))
                .read("_rels/.rels")
                .replace(b'"word/document.xml"', b'"https://example.org/x" TargetMode="External"')
            },
        ),
        "a path out of the package": repacked(
            ours,
            **{
                "_rels/.rels": zipfile.ZipFile(io.BytesIO(ours))
                .read("_rels/.rels")
                .replace(b'"word/document.xml"', b'"../../../etc/passwd"')
            },
        ),
        "a locked package": locked(ours),
    }


def locked(held: bytes) -> bytes:
    """The file with every part marked as encrypted."""
    changed = bytearray(held)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(signature)
        while at >= 0:
            struct.pack_into("<H", changed, at + flags, 1)
            at = changed.find(signature, at + 4)
    return bytes(changed)


FILES = files()


@pytest.mark.parametrize("kind", FILES)
def test_what_is_no_guide_is_not_ours(kind):
    with pytest.raises(NotOurs):
        read_back(io.BytesIO(FILES[kind]))


def test_a_file_made_from_another_guide_is_told_from_one_with_differences(edited):
    other = with_refs_but(
        local_examples=(), examples_elsewhere=(), also_said=(), concerns=(), questions=(), steps=(),
        actions=(action("Something else", ref=ref("else")),),
    )  # fmt: skip
    assert edited.compared(other) is None
