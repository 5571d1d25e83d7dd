"""What changed since a revision, and everything there is, as programs and our own pages ask for it."""

import re

import lxml.html
import pytest

from tests.cafe.conftest import Program, command, contribute, fresh_id, vote

VIEWS = ("phone", "console", "screen")
SHARED = ("stage", "board", "people", "result", "undo", "contribution-", "tally-")
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def holder(room, view: str) -> Program:
    """Somebody who may have this view."""
    return {"phone": room.phone, "console": lambda: room.facilitator, "screen": lambda: room.screen}[view]()


def patched(before: dict, wire: dict) -> dict:
    """Apply changes as data to a snapshot: newer replaces, what is gone goes."""
    after = {**before, **{key: wire[name] for key, name in (("rev", "to"), ("turn", "turn"), ("epoch", "epoch"))}}
    for key, new in wire["entities"].items():
        if isinstance(new, list):
            known = {each["id"]: each for each in before.get(key, [])}
            known |= {each["id"]: each for each in new if each["rev"] >= known.get(each["id"], each)["rev"]}
            after[key] = sorted(known.values(), key=lambda each: each["order"])
        else:
            after[key] = {**before.get(key, {}), **new} if isinstance(new, dict) else new
    after["contributions"] = [each for each in after["contributions"] if each["id"] not in wire["gone"]]
    return after


def shared_of(frame: dict) -> list[dict]:
    return [each for each in frame["patches"] if each["target"].startswith(SHARED)]


# The frame


@pytest.mark.parametrize("view", VIEWS)
def test_since_nothing_is_the_whole_state(room, view):
    someone = holder(room, view)
    room.phone().post_idea()
    frame = someone.changes(view).json
    assert set(frame) == {"epoch", "from", "to", "turn", "now", "patches"}
    assert (frame["epoch"], frame["from"]) == (room.opened.epoch, 0)
    assert frame["to"] == someone.snapshot(view)["rev"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", frame["now"])
    assert {"stage", "people"} <= {each["target"] for each in frame["patches"]}
    assert "Ring every new carer" in someone.changes(view).text


@pytest.mark.parametrize("view", VIEWS)
def test_since_nothing_may_be_asked_with_the_epoch_too(room, view):
    someone = holder(room, view)
    assert someone.changes(view, epoch=room.opened.epoch).status_code == 200
    bare = someone.get(f"/s/{room.code}/changes?view={view}")
    assert bare.json["from"] == 0


@pytest.mark.parametrize("view", VIEWS)
def test_the_first_page_holds_what_a_catch_up_would_draw(room, view):
    someone = holder(room, view)
    room.phone().send(idea := contribute(), vote(idea["id"]))
    path = {"phone": "/s/{}", "console": "/console/{}", "screen": "/screen/{}"}[view].format(room.code)
    page = re.sub(r"\s+", " ", someone.get(path).text)
    for patch in shared_of(someone.changes(view).json):
        assert re.sub(r"\s+", " ", patch["html"]) in page, patch["target"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_patch_is_one_whole_element_that_bears_its_name_and_revision(room, view):
    someone = holder(room, view)
    since = someone.snapshot(view)["rev"]
    author = room.phone()
    author.send(idea := contribute(), vote(idea["id"]))
    for asked in (since, 0):
        for patch in someone.changes(view, asked, epoch=room.opened.epoch).json["patches"]:
            (element,) = lxml.html.fragments_fromstring(patch["html"], no_leading_text=True)
            assert element.get("id") == patch["target"]
            assert int(element.get("data-rev")) == patch["rev"]
            assert set(patch) <= {"target", "rev", "html", "in", "order"}


@pytest.mark.parametrize("view", VIEWS)
def test_a_new_idea_is_one_card_at_its_place_in_a_list(room, view):
    someone = holder(room, view)
    since = someone.snapshot(view)["rev"]
    idea = room.phone().post_idea("A new one")
    frame = someone.changes(view, since, epoch=room.opened.epoch).json
    (card,) = (each for each in frame["patches"] if each["target"] == f"contribution-{idea}")
    assert frame["from"] == since
    assert (card["in"], card["rev"]) == ("contributions", frame["to"])
    (element,) = lxml.html.fragments_fromstring(card["html"])
    assert int(element.get("data-order")) == card["order"]
    assert f'id="{card["in"]}"' in someone.changes(view).text.replace('\\"', '"')


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_new_is_an_empty_frame(room, view):
    someone = holder(room, view)
    now = someone.snapshot(view)["rev"]
    frame = someone.changes(view, now, epoch=room.opened.epoch).json
    assert (frame["from"], frame["to"]) == (now, now)
    assert [each for each in frame["patches"] if each["target"] not in {"my-budget"}] == []


def test_a_hidden_idea_is_removed_where_it_could_be_seen_and_marked_on_the_console(room):
    idea = room.phone().post_idea()
    watchers = {view: holder(room, view) for view in VIEWS}
    since = room.facilitator.snapshot("console")["rev"]
    room.facilitator.send(command("hide", contribution=idea))
    for view, someone in watchers.items():
        patches = someone.changes(view, since, epoch=room.opened.epoch).json["patches"]
        (card,) = (each for each in patches if each["target"] == f"contribution-{idea}")
        assert (card["html"] is None) == (view != "console"), view


def test_what_a_view_could_never_see_is_not_removed_from_it(room):
    author, other = room.phone(), room.phone()
    since = other.snapshot("phone")["rev"]
    draft = author.post_idea("Not for you", draft=True)
    author.send(command("withdraw", contribution=draft))
    for view, someone in (("phone", other), ("console", room.facilitator), ("screen", room.screen)):
        answer = someone.changes(view, since, epoch=room.opened.epoch)
        assert draft not in answer.text, view
        data = someone.changes(view, since, epoch=room.opened.epoch, **{"as": "data"})
        assert draft not in data.text, view


def test_a_change_of_stage_is_one_whole_element(in_stages):
    phone = in_stages.phone()
    since = phone.snapshot("phone")
    in_stages.facilitator.send(command("go_to_stage", stage="post"))
    frame = phone.changes("phone", since["rev"], epoch=in_stages.opened.epoch).json
    stage = next(each for each in frame["patches"] if each["target"] == "stage")
    assert 'data-stage="post"' in stage["html"]
    assert stage["rev"] == frame["to"] == since["rev"] + 1
    assert frame["turn"] == since["turn"] + 1


@pytest.mark.parametrize(("agenda", "most"), [("in_stages", 300), ("room", 360)])
def test_a_card_travels_light(agenda, most, request):
    """300 bytes beyond its text, and 60 more where it carries a button for dots and an open tally."""
    room = request.getfixturevalue(agenda)
    if agenda == "in_stages":
        room.facilitator.send(command("go_to_stage", stage="post"))
    phone = room.phone()
    since = phone.snapshot("phone")["rev"]
    idea = phone.post_idea("Short")
    patches = phone.changes("phone", since, epoch=room.opened.epoch).json["patches"]
    [card] = [each["html"] for each in patches if each["target"] == f"contribution-{idea}"]
    assert len(card.encode()) - len("Short") <= most


# Out of step


@pytest.mark.parametrize("view", VIEWS)
def test_whoever_is_out_of_step_is_told_to_start_again(room, view):
    someone = holder(room, view)
    head, epoch = someone.snapshot(view)["rev"], room.opened.epoch
    asked = (
        {"since": head + 1, "epoch": epoch},
        {"since": 2**70, "epoch": epoch},
        {"since": head, "epoch": fresh_id()},
        {"since": head, "epoch": ""},
        {"since": head},
    )
    for form in ({}, {"as": "data"}):
        for each in asked:
            answer = someone.changes(view, **each, **form)
            assert answer.status_code == 410, each
            assert answer.json["code"] == "resync"


@pytest.mark.parametrize("since", ["x", "1.5", "", "0x1", "9" * 5000, "-1", "NaN", "١"])
def test_a_revision_that_is_none_is_never_our_fault(room, since):
    answer = room.phone().changes("phone", since, epoch=room.opened.epoch)
    assert answer.status_code in {200, 400, 410}
    assert "code" in answer.json or since == "١"  # Python reads an Arabic digit too, which does no harm


# As data


@pytest.mark.parametrize("view", VIEWS)
def test_as_data_there_is_what_changed_and_what_is_gone(room, view):
    someone = holder(room, view)
    keep, lose = room.phone().post_idea("Keep"), room.phone().post_idea("Lose")
    since = someone.snapshot(view)["rev"]
    room.facilitator.send(command("hide", contribution=lose))
    new = room.phone().post_idea("New")
    changes = someone.changes(view, since, epoch=room.opened.epoch, **{"as": "data"}).json
    assert {"epoch", "from", "to", "turn", "now", "entities", "gone"} <= set(changes)
    assert "patches" not in changes
    listed = [each["id"] for each in changes["entities"]["contributions"]]
    assert listed == ([lose, new] if view == "console" else [new])
    assert changes["gone"] == ([] if view == "console" else [lose])
    assert keep not in str(changes["entities"]["contributions"])
    assert "stage" not in changes["entities"]


def test_whoever_only_polls_data_always_has_the_present_snapshot(in_stages):
    author, other = in_stages.phone(), in_stages.phone()
    facilitator, screen = in_stages.facilitator, in_stages.screen
    watchers = (("phone", author), ("phone", other), ("console", facilitator), ("screen", screen))
    known = [someone.snapshot(view) for view, someone in watchers]
    first, draft, concern = contribute("One"), contribute("Two", draft=True), contribute("Three", kind="concern")
    play = (
        (facilitator, command("go_to_stage", stage="post")),
        (author, first),
        (author, draft),
        (other, concern),
        (author, command("publish", contribution=draft["id"])),
        (other, command("reword", contribution=concern["id"], text="Four")),
        (author, command("set_sharing", contribution=first["id"], share="open")),
        (facilitator, command("hide", contribution=draft["id"])),
        (facilitator, command("go_to_stage", stage="vote")),
        (other, vote(first["id"])),
        (author, vote(first["id"])),
        (facilitator, command("show", contribution=draft["id"])),
        (author, vote(draft["id"])),
        (other, vote(first["id"], 0)),
        (facilitator, command("set_timer", seconds=60)),
        (facilitator, command("close_stage", seconds=600)),
        (facilitator, command("go_to_stage", stage="reveal")),
        (author, command("withdraw", contribution=draft["id"])),
        (facilitator, command("lock_joining", locked=True)),
        (other, command("leave")),
    )
    start = list(known)
    for who, does in play:
        (result,) = who.send(does)
        assert result["status"] == "applied", (does, result)
        for place, (view, someone) in enumerate(watchers):
            now = someone.snapshot(view)
            for before in (known[place], start[place]):
                asked = {"epoch": before["epoch"], "as": "data"}
                changes = someone.changes(view, before["rev"], **asked).json
                assert patched(before, changes) == now, (view, does)
            known[place] = now


# Snapshots


@pytest.mark.parametrize("view", VIEWS)
def test_a_snapshot_has_the_contracts_keys(room, view):
    someone = holder(room, view)
    room.phone().post_idea(ambitions=[6, 1, 6], share="team")
    snapshot = someone.snapshot(view)
    assert {
        "protocol", "epoch", "rev", "turn", "session", "foundation", "stage", "closes_at",
        "contributions", "themes", "votes", "steps", "people",
    } <= set(snapshot)  # fmt: skip
    assert (snapshot["protocol"], snapshot["session"], snapshot["foundation"]) == (1, room.code, "co-design")
    assert (snapshot["stage"], snapshot["closes_at"], snapshot["themes"], snapshot["steps"]) == (
        "together",
        None,
        [],
        [],
    )
    (card,) = snapshot["contributions"]
    wanted = {"id", "rev", "kind", "text", "ambitions", "share", "state", "theme", "late", "on_behalf"}
    assert wanted <= set(card)
    assert (card["kind"], card["ambitions"], card["share"], card["state"]) == ("action", [1, 6], "team", "shown")
    assert ("mine" in card) == ("mine" in snapshot["votes"]) == (view == "phone")
    assert {"budget", "most_per_target", "ballot", "tally"} <= set(snapshot["votes"])
    assert set(snapshot["people"]) == {"joined", "ready", "voted", "done", "pretend"}
    assert "here" not in snapshot["people"]


def test_left_out_the_view_is_the_tokens_own(room):
    for view in VIEWS:
        someone = holder(room, view)
        assert someone.get(f"/s/{room.code}/snapshot").json == someone.snapshot(view)


def test_each_phone_knows_its_own_and_nobody_elses(room):
    author, other = room.phone(), room.phone()
    idea = author.post_idea()
    author.send(vote(idea))
    (mine,), (others) = author.snapshot("phone")["contributions"], other.snapshot("phone")["contributions"]
    assert mine["mine"]
    assert not others[0]["mine"]
    assert author.snapshot("phone")["votes"]["mine"] == {idea: 1}
    assert other.snapshot("phone")["votes"]["mine"] == {}


def test_a_closed_result_is_in_nobodys_data(in_stages):
    phone, facilitator = in_stages.phone(), in_stages.facilitator
    facilitator.send(command("go_to_stage", stage="post"))
    idea = phone.post_idea()
    facilitator.send(command("go_to_stage", stage="vote"))
    phone.send(vote(idea))
    everyone = (("phone", in_stages.phone()), ("console", facilitator), ("screen", in_stages.screen))
    for view, someone in everyone:
        assert someone.snapshot(view)["votes"]["tally"] is None
        data = someone.changes(view, 1, epoch=in_stages.opened.epoch, **{"as": "data"}).json
        assert data["entities"]["votes"]["tally"] is None
        assert data.get("recounted", []) == []
        assert "dots</td>" not in someone.changes(view).text
    facilitator.send(command("go_to_stage", stage="reveal"))
    for view, someone in everyone:
        assert someone.snapshot(view)["votes"]["tally"] == {idea: 1}


def every_state(room) -> dict[str, str]:
    """Post an idea for each state there is, whose words are the state's name in capitals."""
    author = room.phone()
    ideas = {state: author.post_idea(f"WORDS-{state}") for state in ("shown", "hidden", "withdrawn", "held")}
    ideas["draft"] = author.post_idea("WORDS-draft", draft=True)
    ideas["again"] = author.post_idea("WORDS-before")
    room.facilitator.send(command("hide", contribution=ideas["hidden"]))
    author.send(
        command("withdraw", contribution=ideas["withdrawn"]),
        command("reword", contribution=ideas["again"], text="WORDS-after"),
    )
    with room.app.extensions["cafe"].store.unit_of_work() as db:  # nothing is held yet by any rule
        db.exec_driver_sql("UPDATE contribution SET state = 'held', shown_rev = NULL WHERE id = ?", (ideas["held"],))
    return ideas


def words_in(text: str) -> set[str]:
    return set(re.findall(r"WORDS-(\w+)", text))


def everything(someone, view: str, code: str) -> str:
    """All that a view can be asked for."""
    page = {"phone": "/s/{}", "console": "/console/{}", "screen": "/screen/{}"}[view].format(code)
    now = someone.get(f"/s/{code}/snapshot?view={view}").json
    asked = [
        f"since={since}&epoch={now['epoch']}{form}" for since in (0, 1, now["rev"] // 2) for form in ("", "&as=data")
    ]
    paths = [page, f"/s/{code}/snapshot?view={view}", *(f"/s/{code}/changes?view={view}&{each}" for each in asked)]
    answers = [someone.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    return "\n".join(answer.text for answer in answers)


@pytest.mark.battery
def test_the_screen_holds_what_is_shown_whoever_asks(room):
    ideas = every_state(room)
    cookie = room.console()
    for someone in (room.screen, room.facilitator, cookie):
        told = everything(someone, "screen", room.code)
        assert words_in(told) == {"shown", "after"}
        for state in ("draft", "held"):
            assert ideas[state] not in told, state
        assert '"mine"' not in told
        assert "csrf" not in told


def test_a_phone_holds_what_is_shown_and_its_own(room):
    every_state(room)
    assert words_in(everything(room.phone(), "phone", room.code)) == {"shown", "after"}


@pytest.mark.battery
def test_the_author_alone_has_drafts(room):
    author = room.phone()
    author.post_idea("WORDS-mine", draft=True)
    assert words_in(everything(author, "phone", room.code)) == {"mine"}
    assert words_in(everything(room.phone(), "phone", room.code)) == set()
    assert words_in(everything(room.facilitator, "console", room.code)) == set()


def test_the_console_holds_all_but_drafts_and_what_was_taken_back(room):
    ideas = every_state(room)
    told = everything(room.facilitator, "console", room.code)
    assert words_in(told) == {"shown", "hidden", "held", "after"}
    states = {
        each["id"]: (each["state"], each["text"]) for each in room.facilitator.snapshot("console")["contributions"]
    }
    assert states[ideas["withdrawn"]] == ("withdrawn", None)
    assert ideas["draft"] not in told


def test_nobody_learns_who_wrote_what(room, another):
    every_state(room)
    for view in VIEWS:
        told = everything(holder(room, view), view, room.code)
        assert not re.search(r'"(seat|seat_id|author|actor|by|participant|facilitator_id)"', told)
        assert "seat:" not in told
        for token in (room.opened.facilitator_token, room.opened.screen_token, another.opened.facilitator_token):
            assert token not in told


# Shared and mine never mix


def test_shared_elements_are_the_same_bytes_for_everyone_and_hold_nothing_personal(room):
    author, first, second = room.phone(), room.phone(), room.phone()
    since = first.snapshot("phone")["rev"]
    author.send(idea := contribute("Shared"), vote(idea["id"]))
    first.send(vote(idea["id"]))
    for asked in (0, since):
        frames = [each.changes("phone", asked, epoch=room.opened.epoch).json for each in (author, first, second)]
        told = [shared_of(frame) for frame in frames]
        assert told[0] == told[1] == told[2]
        for patch in told[0]:
            assert not re.search(r"csrf|\bmine\b|my-|name=\"id\"|<form|[0-9a-f]{64}", patch["html"]), patch["target"]
        own = [each for each in frames[0]["patches"] if each not in told[0]]
        assert own
        assert all(each["target"].startswith("my-") for each in own)
        assert own == frames[0]["patches"][: len(own)]  # what is mine comes first


def test_only_elements_of_ones_own_carry_ones_token(room):
    author, other = room.phone(), room.phone()
    idea = author.post_idea()
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', author.get(f"/s/{room.code}").text).group(1)
    with_token = [each["target"] for each in author.changes("phone").json["patches"] if token in (each["html"] or "")]
    assert with_token == [f"my-card-{idea}", "my-part", "my-answers"]
    assert token not in other.changes("phone").text
    assert token not in other.get(f"/s/{room.code}").text


def test_ids_drawn_into_ones_own_card_are_fresh(room):
    author = room.phone()
    author.post_idea()
    card = next(each for each in author.changes("phone").json["patches"] if each["target"].startswith("my-card-"))
    ids = re.findall(rf'name="id" value="({UUID})"', card["html"])
    assert len(ids) == len(set(ids)) >= 3
