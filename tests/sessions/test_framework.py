"""The framework and its kits: complete, sourced, typed in one place; unusable data is refused, kindly."""

import re
import shutil
from pathlib import Path

import pytest

import sessions
from sessions import framework

ROOT = Path(sessions.__file__).parents[1]
KITS = ROOT / "sessions" / "kits"


@pytest.fixture
def kits(tmp_path):
    return Path(shutil.copytree(KITS, tmp_path / "kits"))


def change(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


# What the workshop may rely on


def test_there_are_eight_foundations_and_six_ambitions_in_order():
    ours = framework.load()
    assert [foundation.number for foundation in ours.foundations] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [ambition.number for ambition in ours.ambitions] == [1, 2, 3, 4, 5, 6]
    assert (ours.edition, ours.foundations[0].id, ours.foundations[-1].id) == (
        "2021-2026",
        "care-planning",
        "leadership",
    )


def test_every_kit_has_what_ask_examples_and_an_edition():
    for kit in framework.load().foundations:
        assert kit.what.endswith(".")
        assert len(kit.ask) >= 3
        assert all(prompt.endswith("?") for prompt in kit.ask)
        assert len(kit.examples) >= 3
        assert kit.edition


def test_every_kit_asks_the_room_for_a_small_step_in_one_short_question():
    questions = [kit.question for kit in framework.load().foundations]
    assert len(set(questions)) == 8
    for question in questions:
        assert question.startswith("What small step could we take so that ")
        assert question.endswith("?")
        assert len(question) <= 100


def test_every_example_can_be_followed_to_its_source():
    ours = framework.load()
    codes = {evidence.id for evidence in ours.evidence}
    for kit in ours.foundations:
        for example in kit.examples:
            assert ours.source(example.source).locator
            assert ours.setting(example.setting).label
            assert all(ours.ambition(number).name for number in example.ambitions)
            assert example.evidence in codes


def test_no_source_is_kept_that_nothing_cites():
    ours = framework.load()
    cited = {entry.source for entry in (*ours.ambitions, *ours.foundations)}
    cited |= {example.source for kit in ours.foundations for example in kit.examples}
    assert cited == {source.id for source in ours.sources}


def test_every_ambition_has_an_example_somewhere():
    examples = [example for kit in framework.load().foundations for example in kit.examples]
    assert {number for example in examples for number in example.ambitions} == {1, 2, 3, 4, 5, 6}


def test_a_foundation_is_found_by_its_id():
    assert framework.load().foundation("co-design").number == 7


def test_a_host_chooses_among_three_purposes():
    ours = framework.load()
    assert [purpose.id for purpose in ours.purposes] == ["strategic", "particular-ambitions", "alongside"]
    assert ours.purpose("alongside").label == "Alongside other work"


def test_somebody_may_keep_their_role_to_themselves():
    assert framework.load().role("undisclosed").label == "Prefer not to say"


@pytest.mark.parametrize("look_up", ["foundation", "ambition", "source", "setting", "role", "purpose"])
def test_what_the_framework_does_not_hold_is_a_key_error(look_up):
    with pytest.raises(KeyError):
        getattr(framework.load(), look_up)("nothing-here")


def test_the_framework_is_read_once_and_cannot_be_changed():
    ours = framework.load()
    assert framework.load() is ours
    assert hash(ours) == hash(framework.read(KITS))
    with pytest.raises(AttributeError):
        ours.title = "Another title"


def test_a_later_edition_is_data_only(kits):
    change(kits / "framework.toml", 'edition = "2021-2026"', 'edition = "2026-2031"')
    change(kits / "leadership.toml", 'edition = "2026.1"', 'edition = "2027.1"')
    later = framework.read(kits)
    assert (later.edition, later.foundation("leadership").edition) == ("2026-2031", "2027.1")
    assert framework.load().edition == "2021-2026"


# Names are typed in one place


def names_and_their_homes():
    ours = framework.load()
    for kit in ours.foundations:
        yield kit.name, KITS / f"{kit.id}.toml"
    for ambition in ours.ambitions:
        for name in (ambition.name, *ambition.name_variants):
            yield name, KITS / "framework.toml"


def types(name, text):
    """Say whether a text types a name: a long one anywhere, a short one only when quoted or between tags."""
    if len(name.split()) >= 3:
        return name in text
    return re.search(rf"""["'>]\s*{re.escape(name)}\s*["'<]""", text) is not None


def project_texts():
    for folder in ("cafe", "sessions"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".py", ".html", ".js", ".svg", ".toml"} and "vendor" not in file.parts:
                yield file, file.read_text(encoding="utf-8")


def test_each_name_is_typed_in_its_own_file_and_nowhere_else():
    texts = list(project_texts())
    for name, home in names_and_their_homes():
        assert [file for file, text in texts if types(name, text)] == [home], name


def test_the_search_for_names_knows_a_typed_name_from_an_ordinary_word():
    assert types("Leadership", 'title = "Leadership"')
    assert types("Leadership", "<h1>\n  Leadership\n</h1>")
    assert not types("Leadership", "Leadership is everybody's business.")
    assert types("Care is coordinated", "We say that Care is coordinated here.")


# Data that cannot be used is refused


def refusal(kits):
    with pytest.raises(framework.KitError) as refused:
        framework.read(kits)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('source = "richardson-2023"', 'source = "hearsay"', 'unknown source "hearsay"'),
        ('setting = "hospice"', 'setting = "the-moon"', 'unknown setting "the-moon"'),
        ('evidence = "reported"', 'evidence = "rumoured"', 'unknown evidence code "rumoured"'),
        ("ambitions = [1, 2]", "ambitions = [1, 7]", "unknown ambition 7"),
    ],
    ids=["source", "setting", "evidence", "ambition"],
)
def test_a_kit_whose_example_names_something_unknown_is_refused(kits, old, new, said):
    change(kits / "co-design.toml", old, new)
    assert refusal(kits) == f"co-design.toml, example 1: {said}"


@pytest.mark.parametrize(
    ("pattern", "blank", "place"),
    [
        (r"^what = .*", 'what = ""', "$.what"),
        (r"^what = .*\n", "", "`what`"),
        (r"^question = .*", 'question = ""', "$.question"),
        (r"^edition = .*", 'edition = ""', "$.edition"),
        (r"(?s)^ask = \[.*?^\]", 'ask = ["Who?", "When?"]', "$.ask"),
        (r"(?s)\n\[\[examples\]\]\n(?:(?!\[\[).)*\Z", "", "$.examples"),
        (r"ambitions = .*", "ambitions = []", "$.examples[0].ambitions"),
        (r"^what = ", 'colour = "blue"\nwhat = ', "`colour`"),
    ],
    ids=["blank what", "no what", "question", "edition", "ask", "examples", "ambitions", "unknown word"],
)
def test_an_incomplete_kit_is_refused_and_told_which_part(kits, pattern, blank, place):
    file = kits / "co-design.toml"
    text, changes = re.subn(pattern, blank, file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert changes == 1
    file.write_text(text, encoding="utf-8")
    said = refusal(kits)
    assert said.startswith("co-design.toml: ")
    assert place in said


def test_a_kit_whose_id_is_not_its_file_name_is_refused(kits):
    change(kits / "co-design.toml", 'id = "co-design"', 'id = "design"')
    assert "does not match the file's name" in refusal(kits)


def test_a_missing_kit_is_named(kits):
    (kits / "co-design.toml").unlink()
    assert refusal(kits) == "co-design.toml: this file is missing"


def test_a_kit_left_out_of_the_order_is_refused(kits):
    change(kits / "framework.toml", '  "co-design",\n', "")
    assert "co-design.toml: not among the foundations listed" in refusal(kits)


def test_a_kit_listed_twice_is_refused(kits):
    change(kits / "framework.toml", '  "co-design",\n', '  "co-design",\n  "co-design",\n')
    assert "there must be 8 foundations" in refusal(kits)


def test_seven_foundations_are_refused(kits):
    change(kits / "framework.toml", '  "leadership",\n', "")
    (kits / "leadership.toml").unlink()
    assert "there must be 8 foundations" in refusal(kits)


def test_kits_out_of_order_are_refused(kits):
    change(kits / "co-design.toml", "number = 7", "number = 8")
    assert "numbered in that order" in refusal(kits)


def test_an_ambition_without_its_number_is_refused(kits):
    change(kits / "framework.toml", "number = 6", "number = 7")
    assert "6 ambitions, numbered 1 to 6" in refusal(kits)


def test_a_framework_without_an_edition_is_refused(kits):
    change(kits / "framework.toml", 'edition = "2021-2026"\n', "")
    assert refusal(kits) == "framework.toml: Object missing required field `edition`"


def test_a_framework_that_lists_no_foundations_is_refused(kits):
    change(kits / "framework.toml", "foundations = [", "fundations = [")
    assert refusal(kits).startswith("framework.toml: ")


@pytest.mark.parametrize("name", ["framework.toml", "leadership.toml"])
def test_a_name_whose_source_is_unknown_is_refused(kits, name):
    file = kits / name
    text = re.sub(r'(name_check.*\nsource = )"[^"]*"', r'\1"hearsay"', file.read_text(encoding="utf-8"), count=1)
    file.write_text(text, encoding="utf-8")
    assert 'unknown source "hearsay"' in refusal(kits)


def test_the_same_setting_twice_is_refused(kits):
    change(kits / "framework.toml", 'id = "community-hospital"', 'id = "hospice"')
    assert refusal(kits) == 'framework.toml: "hospice" is there more than once'


def test_a_file_that_is_not_toml_is_refused_by_name(kits):
    (kits / "co-design.toml").write_text("What a muddle", encoding="utf-8")
    assert refusal(kits).startswith("co-design.toml: not readable as TOML")


def test_every_unknown_is_told_at_once(kits):
    change(kits / "co-design.toml", 'setting = "hospice"', 'setting = "the-moon"')
    change(kits / "leadership.toml", "ambitions = [4, 5]", "ambitions = [0]")
    assert len(refusal(kits).splitlines()) == 2
