"""The phone's pages without a browser: what is drawn for one seat alone, what plain forms say, and the page to keep."""

from cafe import shuffling
from tests.cafe.conftest import close, command, form_in, fresh_id

RING, WALK = "Ring every new carer in the first week.", "Walk the ward with a volunteer."


def patches_of(someone, since, epoch):
    found = someone.changes("phone", since, epoch=epoch).json["patches"]
    return {each["target"]: each for each in found}


def test_two_ideas_stand_first_for_about_half_of_all_seats():
    one, other = fresh_id(), fresh_id()
    seats = [fresh_id().replace("-", "")[:16] for _ in range(1000)]
    first = sum(shuffling.place(seat, one) < shuffling.place(seat, other) for seat in seats)
    assert 400 < first < 600


def test_what_is_grouped_leaves_the_list_and_its_theme_comes_with_every_wording(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="post"))
    author = in_stages.phone()
    ideas = [author.post_idea(words) for words in (RING, WALK)]
    in_stages.facilitator.send(command("go_to_stage", stage="clarify"))
    since = in_stages.facilitator.snapshot("console")["rev"]
    [merged] = in_stages.facilitator.send(command("merge", contributions=ideas, title="Being there"))
    found = patches_of(in_stages.phone(), since, in_stages.opened.epoch)
    assert [found[f"contribution-{idea}"]["html"] for idea in ideas] == [None, None]
    theme = found[f"theme-{merged['id']}"]
    assert theme["in"] == "contributions"
    assert all(words in theme["html"] for words in (RING, WALK, "Being there"))
    since = merged["rev"]
    in_stages.facilitator.send(command("split", contributions=ideas))
    found = patches_of(in_stages.phone(), since, in_stages.opened.epoch)
    assert found[f"theme-{merged['id']}"]["html"] is None
    assert [found[f"contribution-{idea}"]["in"] for idea in ideas] == ["contributions", "contributions"]


def test_a_theme_renamed_while_people_choose_stays_on_the_ballot(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="post"))
    author = in_stages.phone()
    ideas = [author.post_idea(words) for words in (RING, WALK)]
    [merged] = in_stages.facilitator.send(command("merge", contributions=ideas))
    in_stages.facilitator.send(command("go_to_stage", stage="vote"))
    since = in_stages.facilitator.snapshot("console")["rev"]
    in_stages.facilitator.send(command("rename_theme", theme=merged["id"], title="Being there"))
    theme = patches_of(in_stages.phone(), since, in_stages.opened.epoch)[f"theme-{merged['id']}"]
    assert theme["in"] == "ballot"
    assert 'form="vote"' in theme["html"]


def test_answers_to_the_closing_questions_by_form_can_be_changed(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="close"))
    browser = in_stages.participant()
    page = f"/s/{in_stages.code}"
    form = form_in(browser.get(page).text, do="reflect")
    answer = browser.send(form, **{"answers.first": "Ask our ward clerk", "answers.room": "4"})
    assert answer.status_code == 303
    drawn = form_in(browser.get(page).text, do="reflect")
    assert (drawn.fields["answers.first"], drawn.fields["answers.room"]) == ("Ask our ward clerk", "4")


def test_answers_refused_come_back_in_their_boxes(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="close"))
    browser = in_stages.participant()
    form = form_in(browser.get(f"/s/{in_stages.code}").text, do="reflect")
    in_stages.facilitator.send(command("go_to_stage", stage="agree"))
    answer = browser.send(form, **{"answers.differently": "Carers want one number"})
    assert "Carers want one number" in answer.text


def test_dots_that_came_after_the_close_are_told_to_their_own_seat_alone(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="post"))
    ann, bob = in_stages.participant(), in_stages.participant()
    ann.write(in_stages.code, RING)
    [idea] = in_stages.facilitator.snapshot("console")["contributions"]
    in_stages.facilitator.send(command("go_to_stage", stage="vote"))
    form = form_in(ann.get(f"/s/{in_stages.code}").text, do="vote", target=idea["id"])
    in_stages.facilitator.send(command("close_stage", seconds=0))
    assert ann.send(form, dots="1").status_code == 303
    assert "arrived after voting had closed" in ann.get(f"/s/{in_stages.code}").text
    assert "arrived after voting had closed" not in bob.get(f"/s/{in_stages.code}").text


def test_the_page_to_keep_has_the_steps_and_ones_own_words_also_after_closing(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="post"))
    ann, bob = in_stages.participant(), in_stages.participant()
    ann.write(in_stages.code, WALK)
    step = command("agree_step", what=RING, lead="Community nurses", by_when="the end of May")
    in_stages.facilitator.send(step)
    in_stages.facilitator.send(command("check_in", step=step["id"], status="under_way", note="Two of five wards"))
    assert close(in_stages.console(), in_stages.code).status_code in {200, 303}
    kept = ann.get(f"/s/{in_stages.code}/keep")
    assert kept.status_code == 200
    for said in (RING, "Community nurses", "the end of May", "Under way", "Two of five wards", WALK):
        assert said in kept.text
    assert WALK not in bob.get(f"/s/{in_stages.code}/keep").text


def test_the_page_to_keep_is_nobody_elses(in_stages, newcomer):
    answer = newcomer.get(f"/s/{in_stages.code}/keep")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/j/{in_stages.code}")


def test_nothing_that_everyone_gets_tells_who_is_done(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="think"))
    ann = in_stages.phone()
    since = in_stages.facilitator.snapshot("console")["rev"]
    ann.send(command("ready"))
    bob = in_stages.phone()
    shared = bob.changes("phone", since, epoch=in_stages.opened.epoch).json["patches"]
    assert {each["target"] for each in shared} <= {"people", "my-budget", "my-part", "my-answers"}
    assert "data-turn" in ann.get(f"/s/{in_stages.code}").text
