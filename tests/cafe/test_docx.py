"""The Word guide, opened again as a reader would."""

import datetime
import io
import re
import shutil
import subprocess
import zipfile

import docx
import msgspec
import pytest
from docx.shared import Cm
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cafe.exports import FORMATS
from cafe.exports.plain import clean
from sessions.guide import Line, Since, SmallStep, Voting
from tests.cafe.guides import HOSTILE, SILENT, action, chapter, guide, written
from tests.cafe.office import converted
from tests.cafe.returning import a_chapter

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
AVOIDED = r"\b(users?|best practice|deadlines?|stakeholders?|kill|expired)\b"


def opened(made):
    return docx.Document(io.BytesIO(written(made)))


def paragraphs(file):
    """Every paragraph of the file, those in tables too, in order."""
    return [docx.text.paragraph.Paragraph(p, file) for p in file.element.body.iter(f"{W}p")]


def words(file):
    return "\n".join(paragraph.text for paragraph in paragraphs(file))


def headings(file):
    return [(p.style.name, p.text) for p in file.paragraphs if p.style.name.startswith(("Title", "Heading"))]


def table_named(file, caption):
    [found] = [each for each in file.tables if each._tbl.find(f".//{W}tblCaption").get(f"{W}val") == caption]
    return found


def rows(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def parts(made):
    with zipfile.ZipFile(io.BytesIO(written(made))) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def test_the_headings_tell_the_story_in_order():
    assert headings(opened(guide())) == [
        ("Title", "24/7 access: small steps for Northvale"),
        ("Heading 1", "In short"),
        ("Heading 1", "24/7 access"),
        ("Heading 2", "What"),
        ("Heading 2", "Ask"),
        ("Heading 2", "Examples in action"),
        ("Heading 3", "Here"),
        ("Heading 3", "From elsewhere (reported, not evaluated)"),
        ("Heading 2", "Our small steps"),
        ("Heading 2", "How people voted"),
        ("Heading 3", "The words behind grouped actions"),
        ("Heading 2", "Concerns"),
        ("Heading 2", "Parked ideas"),
        ("Heading 1", "Working in partnership"),
        ("Heading 2", "Partners named"),
        ("Heading 2", "Also named in our small steps"),
        ("Heading 2", "Who is missing"),
        ("Heading 1", "Sharing learning"),
        ("Heading 2", "Questions for research"),
        ("Heading 2", "What changed in our understanding"),
        ("Heading 1", "Where the actions fall"),
        ("Heading 1", "Monitoring record"),
        ("Heading 1", "How this was made"),
        ("Heading 1", "Sources"),
    ]


def test_a_cafe_with_two_sessions_makes_two_chapters():
    told = headings(opened(guide(chapter(), chapter(name="Leadership"))))
    assert [text for style, text in told if style == "Heading 1"][1:3] == ["24/7 access", "Leadership"]


def test_actions_stand_in_order_of_votes_with_ties_and_how_many_agreed_told():
    table = table_named(opened(guide()), "Actions for 24/7 access")
    said = "3 March 2027 · "
    own = "in people’s own words"
    assert rows(table) == [
        ["Rank", "Action", "Ambitions", "Chosen by"],
        ["1", f"The number on every folder\n{said}{own}", "2, 4", "11 of 18 voting, 27 present\n11 dots"],
        [
            "2 =",
            f"One page for families\n{said}wording edited · grouped from 3 ideas",
            "",
            "8 of 18 voting, 27 present\n8 dots",
        ],
        ["2 =", f"Ring every new carer\n{said}{own} · added late", "", "8 of 18 voting, 27 present\n8 dots"],
        [
            "4",
            f"Share the rota\n{said}{own} · added for someone in the room",
            "",
            "–",
        ],
    ]


def test_where_a_line_is_from_can_have_a_column_of_its_own_or_be_left_out():
    file = opened(guide(provenance="column"))
    assert rows(table_named(file, "Actions for 24/7 access"))[0][-1] == "Where it is from"
    assert rows(table_named(file, "Concerns"))[1] == [
        "We tried this in 2023.",
        "3 March 2027 · in people’s own words",
    ]
    assert "in people’s own words" not in words(opened(guide(provenance="none")))


def test_each_reader_finds_first_what_they_came_for_and_nothing_is_left_out():
    told = {
        reader: [text for style, text in headings(opened(guide(reader=reader))) if style == "Heading 1"]
        for reader in ("team", "commissioner", "charity", "researcher")
    }
    assert {first: order[1] for first, order in told.items()} == {
        "team": "24/7 access",
        "commissioner": "Monitoring record",
        "charity": "Working in partnership",
        "researcher": "Sharing learning",
    }
    assert len({frozenset(order) for order in told.values()}) == 1


def test_page_one_is_a_paper_to_decide_by():
    steps = (SmallStep(what="Put the number on every folder", lead="The ward clerk", chosen_by=11, support="Stickers"),)
    file = opened(guide(chapter(steps=steps), missing=("Care homes", "Night staff"), checked_by="The matron"))
    assert rows(file.tables[0]) == [
        ["What we will do", "Lead", "By when", "Chosen by"],
        ["Put the number on every folder", "The ward clerk", "", "11 of 18 voting, 27 present"],
    ]
    text = words(file)
    assert "Who was not there: Care homes and Night staff" in text
    assert "What we ask of the board: To support these small steps." in text
    assert "Stickers  Put the number on every folder" in text
    assert text.startswith(" Draft for local checking")
    assert "Checked by\tThe matron" in text and "Agreed by\tnot yet" in text


def test_once_something_was_told_page_one_says_how_the_steps_stand():
    steps = tuple(SmallStep(what=f"Step {n}", status=how) for n, how in enumerate(("done", "done", "not_started")))
    file = opened(guide(chapter(steps=steps)))
    assert "Of 3 small steps: 2 done, 1 not started." in words(file)
    assert rows(file.tables[0])[0] == ["What we will do", "Lead", "By when", "How it stands"]


def test_what_editors_say_stands_instead_of_what_was_gathered():
    told = {"aim": "One number", "asked": "Fund it", "absent": "The night staff", "introduction": "Read this first"}
    text = words(opened(guide(**told)))
    assert all(said in text for said in told.values())
    assert "What small step could we take?" not in text


def test_two_sittings_of_a_foundation_share_a_chapter_and_keep_their_votes_apart():
    first = chapter()
    [held] = chapter(cafe="Hill café", day=datetime.date(2027, 6, 1), took_part=9).sittings
    lines = (action("From the river", rank=1, dots=2), action("From the hill", rank=1, dots=1, sitting=1))
    both = chapter(actions=lines, sittings=(*first.sittings, msgspec.structs.replace(held, number=2)))
    file = opened(guide(both))
    assert rows(table_named(file, "Actions for 24/7 access, Northvale Evidence Café, 3 March 2027"))[1][0] == "1"
    [_header, [_rank, hill, *_others]] = rows(table_named(file, "Actions for 24/7 access, Hill café, 1 June 2027"))
    assert "café 2, 1 June 2027" in hill
    assert "Café 2: Hill café, 1 June 2027" in words(file)


def test_what_changed_since_the_last_edition_is_told_without_the_words_of_what_went():
    since = Since(
        edition=1, day=datetime.date(2027, 3, 9), new=("A new idea",), moved=("Ring back",), gone=2, taken_back=1
    )
    text = words(opened(guide(edition=2, since=since)))
    assert "What changed since edition 1" in text and "A new idea" in text and "2 lines were left out." in text
    assert "1 line was taken back by whoever said it." in text


def test_every_wording_of_a_group_is_kept():
    assert "“Write it down for us”" in words(opened(guide()))


def test_what_nobody_voted_for_and_what_was_not_on_the_ballot_are_there_too():
    text = words(opened(guide()))
    for said in ("Share the rota", "A second bell at the side door", "We tried this in 2023.", "Does a call back"):
        assert said in text


def test_a_result_is_called_a_priority_and_not_a_decision():
    text = words(opened(guide()))
    assert "a priority, not a decision" in text
    assert "11 of 18 voting, 27 present" in text


def test_where_no_step_was_agreed_page_one_tells_what_came_first():
    text = words(opened(guide(chapter(steps=()))))
    assert "The number on every folder  11 of 18 voting, 27 present" in text


def test_before_the_reveal_there_are_no_counts_only_the_order_of_saying():
    hidden = chapter(voting=Voting(shown=False, voted=5, dots_each=3), actions=(action("b"), action("a")))
    file = opened(guide(hidden))
    table = table_named(file, "Actions for 24/7 access")
    assert rows(table)[0] == ["Action", "Ambitions"]
    assert [row[0].splitlines()[0] for row in rows(table)] == ["Action", "b", "a"]
    assert "Voting had not been revealed when this draft was made." in words(file)


def test_many_in_first_place_are_not_squeezed_into_the_summary():
    equal = tuple(action(f"Step {n}", rank=1, tied=True, dots=2, chosen_by=2) for n in range(8))
    assert "Many actions share the first place; all are listed under 24/7 access." in words(
        opened(guide(chapter(actions=equal, steps=())))
    )


def test_ambitions_without_an_action_are_named():
    file = opened(guide())
    assert rows(table_named(file, "Actions by ambition"))[1] == [
        "24/7 access",
        "none yet",
        "1",
        "none yet",
        "1",
        "none yet",
        "none yet",
    ]
    assert "6, “Community”. Who could we ask?" in words(file)
    assert "4 actions carry no ambition" in words(file)


def test_one_missing_ambition_is_named_in_the_singular():
    tagged = chapter(actions=(action("a", rank=1, dots=1, ambitions=(1, 2, 3, 4, 5)),), also_said=())
    assert "Nothing here yet for Ambition 6, “Community”. Who could we ask?" in words(opened(guide(tagged)))


def test_empty_sections_say_so_kindly_instead_of_vanishing():
    empty = chapter(**SILENT)
    file = opened(guide(empty, place="", partners=(), sources=()))
    full = headings(opened(guide()))
    only_if_any = ("The words behind grouped actions", "Parked ideas", "Also named in our small steps")
    assert headings(file) == [told for told in full if told[1] not in only_if_any]
    body = file.element.body
    for paragraph in file.paragraphs:
        if paragraph.style.name in ("Heading 2", "Heading 3") and paragraph.text != "Examples in action":
            following = body[body.index(paragraph._p) + 1]
            assert "".join(following.itertext()).strip().endswith((".", "?")), paragraph.text


def test_how_it_was_made_tells_when_where_how_many_and_what_stayed_in_the_room():
    text = words(opened(guide(waiting=2)))
    assert "Northvale Evidence Café, 3 March 2027. Place: Old Library." in text
    assert "27 people; 18 voted, with up to 3 dots each. They posted 41 ideas." in text
    assert "Words marked “only here today” are not in this document (3 ideas stayed in the room)." in text
    assert "2 ideas are waiting for the facilitator and are not in this document." in text


def test_whether_counts_could_be_seen_while_voting_is_told():
    live = chapter(voting=Voting(shown=True, live=True, voted=18, dots_each=3))
    assert "Counts could be seen while people voted." in words(opened(guide(live)))
    assert "Counts were hidden until revealed." in words(opened(guide()))


def test_sessions_that_voted_alike_are_told_once_and_those_that_did_not_each_by_name():
    alike = words(opened(guide(chapter(), chapter(name="Leadership"))))
    assert alike.count("Each person had 3 dots and could put up to 1 on one action.") == 1
    unlike = chapter(name="Leadership", voting=Voting(shown=True, voted=18, dots_each=5, most_per_target=2))
    text = words(opened(guide(chapter(), unlike)))
    assert "24/7 access: Each person had 3 dots and could put up to 1 on one action." in text
    assert "Leadership: Each person had 5 dots and could put up to 2 on one action." in text


def test_two_sessions_with_as_many_people_are_not_added_into_one():
    text = words(opened(guide(chapter(), chapter(name="Leadership"))))
    assert "27 people at each of 2 sessions; 36 of 54 voted. Some may have come more than once." in text
    told = table_named(opened(guide(chapter(), chapter(name="Leadership"))), "Who took part")
    assert [row[1] for row in rows(told)] == ["People", "27", "27"]


def test_examples_from_elsewhere_name_their_source():
    text = words(opened(guide()))
    assert "An advice line.  Ambition 4 · Hospice · reported practice · source 1" in text
    assert "1\tVanan (2023). An advice line. doi:1" in text


def test_words_we_avoid_are_not_in_the_document():
    text = words(opened(guide(chapter(), chapter(actions=()), waiting=1)))
    assert re.findall(AVOIDED, text, re.IGNORECASE) == []


def test_all_of_it_is_british_english():
    languages = re.findall(r"<w:(?:lang|themeFontLang)\b([^>]*)/>", "".join(parts(guide()).values()))
    assert languages
    assert {value for told in languages for value in re.findall(r'="([^"]*)"', told)} == {"en-GB"}
    assert opened(guide()).core_properties.language == "en-GB"


def test_the_file_says_what_it_is_and_nothing_of_the_machine():
    about = opened(guide()).core_properties
    assert (about.title, about.author) == ("24/7 access: small steps for Northvale", "Northvale Hospice")
    assert about.created.date() == datetime.date(2027, 3, 4)
    assert re.findall("python|docx|macintosh|microsoft word", "".join(parts(guide()).values()), re.I) == []
    assert "docProps/thumbnail.jpeg" not in parts(guide())


def test_nothing_in_the_file_makes_word_ask_on_opening():
    package = parts(guide())
    assert "updateFields" not in package["word/settings.xml"]
    assert set(re.findall(r'w:instr="([^"]*)"', "".join(package.values()))) == {"PAGE"}
    assert re.findall(r"<w:instrText[^>]*>([^<]*)<", "".join(package.values())) == [' TOC \\o "1-2" \\n \\h \\z ']
    assert "w:dirty" not in package["word/document.xml"]
    assert not [name for name in package if "vba" in name.lower() or "external" in name.lower()]


def test_bookmarks_are_hidden_short_and_each_its_own_and_the_contents_lead_to_them():
    body = opened(guide(a_chapter(), chapter(name="Leadership"))).element.body
    starts, ends = list(body.iter(f"{W}bookmarkStart")), list(body.iter(f"{W}bookmarkEnd"))
    names = [each.get(f"{W}name") for each in starts]
    assert len({name.casefold() for name in names}) == len(names) > 20
    assert all(re.fullmatch(r"_[A-Za-z0-9_]{1,39}", name) for name in names)
    numbers = [each.get(f"{W}id") for each in starts]
    assert len(set(numbers)) == len(numbers)
    assert sorted(numbers) == sorted(each.get(f"{W}id") for each in ends)
    assert {each.get(f"{W}anchor") for each in body.iter(f"{W}hyperlink")} <= set(names)


def test_the_contents_are_filled_in_and_stand_after_the_first_page():
    file = opened(guide(chapter(), chapter(name="Leadership")))
    told = [(p.style.name, p.text) for p in file.paragraphs if p.style.name.startswith("toc ")]
    wanted = [text for style, text in headings(file) if style in ("Heading 1", "Heading 2")]
    assert [text for _style, text in told] == wanted
    assert {style for style, _text in told} == {"toc 1", "toc 2"}
    [title] = [p for p in file.paragraphs if p.style.name == "TOC Heading"]
    following = [p.text for p in file.paragraphs]
    assert following.index("In short") < following.index(title.text) < following.index("24/7 access", 1)


def test_a_long_guide_has_only_its_sections_in_the_contents():
    file = opened(guide(*(chapter(name=f"Chapter {n}") for n in range(8))))
    assert {p.style.name for p in file.paragraphs if p.style.name.startswith("toc ")} == {"toc 1"}


def test_a_guide_in_welsh_says_so_everywhere():
    package = "".join(parts(guide(language="cy")).values())
    assert set(re.findall(r'<w:lang w:val="([^"]*)"', package)) <= {"cy-GB", "en-GB"}
    assert '<w:themeFontLang w:val="cy-GB"' in package
    assert opened(guide(language="cy")).core_properties.language == "cy-GB"


def test_every_table_has_a_marked_header_row_and_a_name_and_its_rows_stay_whole():
    for table in opened(guide()).tables:
        first, *others = table.rows
        assert first._tr.find(f".//{W}tblHeader") is not None
        assert not [row for row in others if row._tr.find(f".//{W}tblHeader") is not None]
        assert all(row._tr.find(f".//{W}cantSplit") is not None for row in table.rows)
        assert table._tbl.find(f".//{W}tblCaption").get(f"{W}val")


def test_a_very_long_row_may_break_over_pages():
    table = table_named(opened(guide(chapter(actions=(action("word " * 390),)))), "Actions for 24/7 access")
    assert table.rows[1]._tr.find(f".//{W}cantSplit") is None


def test_tables_fit_between_the_margins_of_an_a4_page():
    file = opened(guide())
    page = file.sections[0]
    room = page.page_width - page.left_margin - page.right_margin
    assert (page.page_width.mm, page.page_height.mm) == pytest.approx((210, 297), abs=0.1)
    for table in file.tables:
        assert sum(cell.width for cell in table.rows[0].cells) <= room + Cm(0.01)
        assert [column.width for column in table.columns] == [cell.width for cell in table.rows[0].cells]


def test_headings_stay_with_what_follows():
    file = opened(guide())
    for name in ("Title", "Heading 1", "Heading 2", "Heading 3"):
        assert file.styles[name].paragraph_format.keep_with_next


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text):
    line = action(text, rank=1, dots=1, wordings=(text,))
    said = chapter(name=text, question=text, what=text, ask=(text,), actions=(line,), also_said=(line,))
    file = opened(guide(said, title=text, organisation=text, place=text))
    assert words(file).count(clean(text)) >= 9
    assert set(re.findall(r'instr="([^"]*)"', file.element.xml)) == set()


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(), min_size=1, max_size=300))
def test_whatever_people_type_the_file_opens_and_holds_their_words(text):
    said = chapter(actions=(action(text, rank=1, dots=1),), concerns=(Line(text=text, kind="concern"),))
    file = opened(guide(said, title=text, organisation=text))
    told = table_named(file, f"Actions for {said.name}").rows[1].cells[1].paragraphs
    assert told[0].text == clean(text)
    assert clean(text) in [paragraph.text.split("  Northvale")[0] for paragraph in file.paragraphs]


def xml_can_hold(sign):
    try:
        etree.Element("t").text = sign
    except ValueError:
        return False
    return True


@settings(max_examples=200)
@given(text=st.text(st.characters(exclude_characters="\r")))
def test_cleaning_takes_only_what_xml_cannot_hold(text):
    assert clean(text) == "".join(filter(xml_can_hold, text))


def test_every_format_of_the_table_writes_the_guide():
    assert FORMATS["docx"].media_type.endswith("wordprocessingml.document")
    assert FORMATS["json"].media_type == "application/json"
    assert written(guide(), "docx").startswith(b"PK")
    assert b'"title": "24/7 access: small steps for Northvale"' in written(guide(), "json")


def test_libreoffice_opens_it_and_shows_every_heading(tmp_path):
    made = guide(chapter(), chapter(name="Leadership", actions=tuple(map(action, HOSTILE)), voting=Voting(shown=False)))
    (tmp_path / "guide.docx").write_bytes(written(made))
    pdf = converted(tmp_path / "guide.docx", "pdf", tmp_path)
    assert pdf.read_bytes().startswith(b"%PDF")
    if pdftotext := shutil.which("pdftotext"):
        shown = subprocess.run([pdftotext, pdf, "-"], capture_output=True, text=True, check=True)
        for _style, text in headings(opened(made)):
            assert " ".join(text.split()) in " ".join(shown.stdout.split())


# Dots without a phone


def test_dots_of_people_without_a_phone_are_told_also_where_nobody_else_voted():
    line = action("Ring every carer", rank=1, dots=4, by_hand=4)
    told = chapter(actions=(line,), voting=Voting(shown=True, by_hand=4, dots_each=3))
    text = words(opened(guide(told)))
    assert "27 people. Dots counted by show of hands or on paper: 4." in text
    assert "4 dots · 4 by show of hands or on paper" in text
    assert "In order of votes: a priority, not a decision." in text


# What came of it


def test_small_steps_stand_in_a_row_each_with_room_for_what_is_missing():
    table = table_named(opened(guide()), "Small steps for 24/7 access")
    assert rows(table)[0] == [
        "No.",
        "What we will do",
        "Who leads",
        "By when",
        "How we will know",
    ]
    first, second = rows(table)[1:]
    assert first[1].startswith("Put the number on every folder")
    assert "First step: Order the stickers · Ambitions 2, 4" in first[1]
    assert first[2:4] == ["The ward clerk\nwith Hospice at home", "End of May"]
    assert first[4] == "Nobody asks for it twice\nSupport needed: A budget for stickers"
    assert second[:3] == ["2", "Ring every new carer\n3 March 2027", ""]


def test_the_monitoring_record_tells_how_each_step_stands_and_leaves_room():
    first, second = rows(opened(guide()).tables[-1])[1:]
    assert first[1:3] == ["under way", "20 April 2027: under way. Half are done."]
    assert second == ["Ring every new carer", "not started", "", "", ""]


def test_what_was_learned_is_told_and_voices_only_as_figures():
    text = words(opened(guide()))
    assert "Nights are when it matters." in text and "Ask our night team." in text
    assert "12 people answered: 4.2 on average, from 3 to 5" in text
    assert "rests on: our practice" in text and "Carer or family: 4" in text
