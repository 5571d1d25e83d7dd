"""What the team looks for at the desk is found by its words and by where it is from; nothing typed is a mistake."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from sessions.harvest import arriving, finding, invented
from sessions.harvest.asking import Asked, asked
from sessions.harvest.finding import Found, find
from tests.sessions.harvest.desk import entry, source

ADVICE = "A night-time advice line for care homes"


@pytest.fixture
def at(db: Connection) -> str:
    return source(db)


def texts(found: Found) -> list[str]:
    return ["".join(words for words, _found in hit.words) for hit in found.hits]


def marked(found: Found) -> list[str]:
    return [words for words, there in found.hits[0].words if there]


def find_words(db: Connection, words: str, **told: str) -> Found:
    return find(db, asked({"words": words, **told}))


# Words


def test_words_are_found_in_any_order_and_any_form(db, at):
    entry(db, at, ADVICE)
    entry(db, at, "Somewhere to park")
    for words in ("night-time advice line for care homes", "home CARE lines", "nights caring", "ADVICE  line"):
        found = find_words(db, words)
        assert (texts(found), found.query.left_out, found.query.any_of) == ([ADVICE], (), False), words


def test_the_last_word_may_be_unfinished_until_a_space_says_that_it_is_whole(db, at):
    entry(db, at, "Tell the district nurses")
    assert texts(find_words(db, "distr")) == ["Tell the district nurses"]
    assert texts(find_words(db, "the distr")) == ["Tell the district nurses"]
    assert texts(find_words(db, "distr ")) == []
    assert texts(find_words(db, "distr nurses")) == ["Tell the district nurses"]  # said to be without "distr"
    assert [str(each) for each in find_words(db, "distr nurses").query.left_out] == ["distr"]


def test_a_word_itself_comes_before_those_that_begin_so(db, at):
    for words in ("A carer rings", "Care at home", "The caretaker rings"):
        entry(db, at, words)
    assert texts(find_words(db, "care"))[0] == "Care at home"
    assert len(find_words(db, "care").hits) == 3


def test_words_in_quotation_marks_stand_together(db, at):
    entry(db, at, ADVICE)
    entry(db, at, "Homes that care for the night, and a line about advice")
    assert texts(find_words(db, '"care homes"')) == [ADVICE]
    assert texts(find_words(db, "“advice line” night")) == [ADVICE]
    assert len(find_words(db, "care homes").hits) == 2


def test_accents_and_joined_words_make_no_difference(db, at):
    entry(db, at, "Tŷ Olwen: ask 24/7 and/or by post at the café")
    for words in ("ty olwen", "Tŷ", "24/7", "24 7", "post café", "cafe"):
        assert len(find_words(db, words).hits) == 1, words


def test_what_was_found_is_marked_and_nothing_else(db, at):
    entry(db, at, ADVICE)
    found = find_words(db, "home adv")
    assert texts(found) == [ADVICE]
    assert marked(found) == ["advice", "homes"]


def test_a_word_found_in_another_wording_or_in_the_rest_of_a_step_is_shown_there(db, at):
    told = {"wordings": ["Ring us at night", "Something else"], "detail": {"lead": "The night sister"}}
    entry(db, at, ADVICE, **told)
    (hit,) = find_words(db, "sister").hits
    assert hit.also == ((("The night ", False), ("sister", True)),)
    assert hit.others == 2
    (hit,) = find_words(db, "ring").hits
    assert hit.also == ((("Ring", True), (" us at night", False)),)


def test_a_place_and_a_title_are_found_as_words_too_but_come_after(db):
    elsewhere = source(db, place="Saltmarsh", title="Winter café")
    entry(db, elsewhere, "Somewhere to park")
    here = source(db)
    entry(db, here, "What the people of Saltmarsh did")
    assert texts(find_words(db, "saltmarsh")) == ["What the people of Saltmarsh did", "Somewhere to park"]
    assert texts(find_words(db, "winter parking")) == ["Somewhere to park"]


# What comes nearest


def test_words_that_nobody_said_are_left_out_and_that_is_told(db, at):
    entry(db, at, ADVICE)
    found = find_words(db, "xyzzy advice line")
    assert texts(found) == [ADVICE]
    assert [str(each) for each in found.query.left_out] == ["xyzzy"]
    assert not found.query.any_of


def test_where_nobody_said_all_of_it_some_of_it_will_do(db, at):
    entry(db, at, "A quiet room")
    entry(db, at, "Parking for families")
    entry(db, at, "A quiet place to park")
    found = find_words(db, "quiet parking families")
    assert found.query.any_of
    assert len(found.hits) == 3


def test_what_only_the_filters_hide_is_told_instead_of_something_less_near(db, at):
    entry(db, at, ADVICE)
    entry(db, at, "Advice", foundation="co-design")
    found = find_words(db, "advice line", foundation="co-design")
    assert (texts(found), found.elsewhere) == ([], 1)


def test_where_nothing_is_there_is_nothing(db):
    found = find_words(db, "anything")
    assert (found.hits, found.counts.total, found.counts.anything, found.elsewhere) == ((), 0, False, 0)
    source(db)
    assert find(db, Asked()).counts.anything


# Filters


def two_cafes(db: Connection) -> tuple[int, int]:
    there = source(
        db, place="Saltmarsh", setting="care-home", purpose="alongside", held_on=date(2025, 3, 1), title="Spring"
    )
    told = {"foundation": "co-design", "kind": "step", "ambitions": [1, 6], "share": "team", "status": "done"}
    one = entry(db, source(db), "Lanterns", ambitions=[2])
    return one, entry(db, there, "Bells", **told, tags=["nights", "100%"], state="shortlisted", for_guide=True)


@pytest.mark.parametrize(
    "told",
    [
        {"foundation": "co-design"},
        {"kind": "step"},
        {"ambition": "6"},
        {"share": "team"},
        {"status": "done"},
        {"tag": "nights"},
        {"tag": "100%"},
        {"state": "shortlisted"},
        {"state": "guide"},
        {"state": "unchecked"},
        {"place": "Saltmarsh"},
        {"setting": "care-home"},
        {"purpose": "alongside"},
        {"until": "2025-03-01"},
        {"since": "2025-01-01", "until": "2025-12-31"},
    ],
)
def test_each_filter_leaves_what_it_names(db, told):
    two_cafes(db)
    assert texts(find(db, asked(told))) == ["Bells"]
    assert texts(find_words(db, "bells", **told)) == ["Bells"]
    assert texts(find_words(db, "lanterns", **told)) == []


@pytest.mark.parametrize(
    "told", [{"ambition": "7"}, {"tag": "night"}, {"tag": "100_"}, {"state": "nonsense"}, {"place": "salt"}]
)
def test_what_nothing_is_finds_nothing(db, told):
    two_cafes(db)
    assert texts(find(db, asked(told))) == []


def test_a_cafe_can_be_asked_for(db, at):
    entry(db, at, "Lanterns")
    entry(db, source(db), "Bells")
    found = find(db, asked({"cafe": at}))
    assert texts(found) == ["Lanterns"]
    assert [cafe.entries for cafe in found.counts.cafes] == [1, 1]


def test_counts_say_how_many_there_would_be_instead(db):
    two_cafes(db)
    counts = find(db, asked({"foundation": "co-design"})).counts
    assert counts.total == 1
    assert counts.under["foundation"] == {"access-24-7": 1, "co-design": 1}
    assert counts.under["kind"] == {"step": 1}
    assert counts.under["ambition"] == {"1": 1, "6": 1}
    assert counts.under["tag"] == {"nights": 1, "100%": 1}
    assert counts.under["place"] == {"Saltmarsh": 1}
    assert counts.under["state"] == {"shortlisted": 1, "guide": 1, "unchecked": 1}
    nothing = find(db, asked({"foundation": "co-design", "place": "Northvale"})).counts
    assert nothing.total == 0
    assert nothing.under["place"] == {"Saltmarsh": 1}
    assert nothing.under["foundation"] == {"access-24-7": 1}


def test_words_that_are_gone_are_found_by_nothing_but_their_state(db):
    one, other = two_cafes(db)
    arriving.empty(db, [other], "withdrawn")
    assert texts(find(db, Asked())) == ["Lanterns"]
    assert texts(find_words(db, "bells")) == []
    (hit,) = find(db, asked({"state": "gone"})).hits
    assert (hit.id, hit.words, hit.gone) == (other, (), "withdrawn")
    assert one != other


# Order and pages


def test_order(db):
    older, newer = source(db, held_on=date(2024, 1, 1)), source(db, held_on=date(2026, 1, 1))
    entry(db, older, "Park", chosen_by=2)
    entry(db, newer, "Parking, and what else there is to say of it at some length", chosen_by=9)
    entry(db, newer, "Parked")
    longest = "Parking, and what else there is to say of it at some length"
    assert texts(find(db, Asked())) == [longest, "Parked", "Park"]
    assert texts(find_words(db, "parking", sort="oldest")) == ["Park", longest, "Parked"]
    assert texts(find_words(db, "parking", sort="chosen")) == [longest, "Park", "Parked"]


def test_pages_hold_fifty_and_miss_nothing(db, at):
    made = {entry(db, at, f"Idea {number}") for number in range(finding.A_PAGE + 3)}
    first, second, third = (find_words(db, "idea", page=str(page)) for page in (1, 2, 3))
    assert (first.pages, len(first.hits), len(second.hits), third.hits) == (2, finding.A_PAGE, 3, ())
    assert {hit.id for hit in (*first.hits, *second.hits)} == made


def test_what_several_cafes_said_tells_at_how_many(db, at):
    entry(db, at, ADVICE, alike="g1")
    entry(db, at, "A line at night", alike="g1")
    entry(db, source(db), "Advice at night", alike="g1")
    entry(db, source(db), "", alike="g1", gone="withdrawn")
    assert {hit.cafes for hit in find(db, Asked()).hits} == {2}


# Whatever is typed


odd = st.text(alphabet=st.one_of(st.sampled_from("\"“”*^:()-+{}[]<>&|!'\\ANDORNEAR aé²\x00\x02½ß١"), st.characters()))


ODD = 'AND the "night" OR nurse²: ½ of (them) NEAR -us <b>all</b>'


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=odd)
def test_nothing_that_is_typed_is_a_mistake(db, words):
    if not find(db, Asked()).hits:
        entry(db, source(db), ODD)
    assert texts(find_words(db, words)) in ([], [ODD])


names = st.sampled_from([*Asked.__struct_fields__, "else"])


@given(told=st.dictionaries(names, odd | st.sampled_from(["-1", "0", "99999999999999999999", "2026-02-30", "best"])))
def test_nothing_in_an_address_is_a_mistake_and_it_can_be_told_again(told):
    read = asked(told)
    assert asked(read.told()) == read
    assert read.page >= 1


def test_what_a_bundle_brought_is_found_and_gone_when_its_words_are(db):
    bundle = next(invented.bundles(seed=7))
    came = arriving.take_in(db, bundle)
    words = bundle.sessions[0].actions[0].text
    hits = find_words(db, f'"{words}"').hits
    assert words in texts(find_words(db, f'"{words}"'))
    assert find(db, asked({"cafe": came.source})).counts.total == came.new
    arriving.empty(db, [hit.id for hit in hits], "withdrawn")
    assert words not in texts(find_words(db, f'"{words}"'))
