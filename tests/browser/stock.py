"""A session with enough in it to show how pages look: ideas short, long and odd, and votes that end in ties."""

from tests.browser.room import Room

LONG = (
    "When someone comes home from hospital on a Friday evening, the district nurse, the out-of-hours team and the "
    "family should all have the same page in their hands: who to ring at night, which medicines are in the house, "
    "what the person has said about where they would like to be, and who has the key. We could try this with three "
    "families first, ask them after a week what was missing, and then change the page before anybody else gets it."
)
WORDS = (
    "Ring every new carer in the first week",
    "Walk the ward with a volunteer on Fridays",
    "One desk where relatives can ask anything",
    "Ask what music someone would like to hear",
    LONG,
    "Sgwrs gynnar am ddymuniadau, gyda gŵr a gwraig y tŷ",
    "اسأل العائلة عمّا يهمّها قبل كل شيء",
    "https://example.org/a/very/long/address/that/nobody/would/type/but/somebody/pastes/into/every/box?and=more&more",
    "One\nline\nafter\nanother",
    "Tea ☕ before forms 📝",
    "x",
    "Who sits with people who have nobody?",
)
KINDS = ("action", "action", "action", "example", "concern", "question")
SEATS = 9
ROUNDS = 2


def stocked(room: Room) -> tuple[Room, str]:
    """Fill a session at its first stage; return it with the token of one seat that posted and voted."""
    seats = [room.seat() for _ in range(SEATS)]
    room.go("post")
    posted = [
        room.idea(seats[number % SEATS], words, kind=KINDS[number % len(KINDS)], ambitions=[1 + number % 6])
        for number, words in enumerate(WORDS * ROUNDS)
    ]
    room.idea(seats[0], "Only for the room", share="room")
    room.idea(seats[0], "Not sent yet", draft=True)
    room.run("hide", contribution=room.idea(seats[1], "Hidden for now"))
    room.go("vote")
    actions = [each for number, each in enumerate(posted) if KINDS[number % len(KINDS)] == "action"]
    for number, seat in enumerate(seats):
        room.vote(seat, *(actions[(number % 4) + step] for step in range(3)))
    return room, seats[0]
