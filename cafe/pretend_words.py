"""What pretend phones say in a rehearsal: sentences of our own, about nobody, some of them much alike so that there is
something to group. They are marked, cleared away afterwards, and in no guide."""

from sessions.world import Dice

_IDEAS: tuple[tuple[str, str], ...] = (
    ("action", "Ring every new carer within the first week."),
    ("action", "Phone new carers in their first week with us."),
    ("action", "Ask “what matters to you?” at every first visit."),
    ("action", "Start each first visit by asking what matters most."),
    ("action", "Put one page about the person at the front of the notes."),
    ("action", "Keep a single page about what matters to someone on top of their notes."),
    ("action", "Give families one telephone number for nights and weekends."),
    ("action", "One number to ring out of hours, printed on a card for the fridge."),
    ("action", "Agree one care plan that all teams can open."),
    ("action", "Let the ambulance crew see the care plan."),
    ("action", "Bring the volunteer coordinator to our weekly meeting."),
    ("action", "Hold a monthly tea for people who are bereaved."),
    ("action", "Send a handwritten card six weeks after a death."),
    ("action", "Teach every new starter to listen before they advise."),
    ("action", "Train reception staff to talk about dying with kindness."),
    ("action", "Offer a short course for family carers on moving and handling."),
    ("action", "Book an interpreter before the first visit, not after it."),
    ("action", "Translate our leaflets with people who will read them."),
    ("action", "Visit the day centre once a month and ask what is missing."),
    ("action", "Set ten minutes aside after each death for the team."),
    ("action", "Keep a quiet room free for families."),
    ("action", "Review medicines with the pharmacist every fortnight."),
    ("action", "Ask schools how we can support pupils who lose someone."),
    ("action", "Make a list of who can lend equipment on a Saturday."),
    ("action", "Invite people with lived experience to plan the next café with us."),
    ("example", "Our link nurse already joins the care home's handover by video."),
    ("example", "We have a memory tree in the garden, and families like it."),
    ("example", "The choir sings on the ward on the first Sunday of the month."),
    ("example", "Volunteers here write life stories with people who want to."),
    ("question", "Does an early talk about wishes change where people are cared for?"),
    ("question", "What helps carers most in the first month afterwards?"),
    ("question", "How many people never hear of us, and why?"),
    ("concern", "We tried a shared diary before, and nobody had time to fill it in."),
    ("concern", "A telephone line failed here because it was staffed only at lunch."),
    ("concern", "Forms in English alone leave out half of our street."),
    ("concern", "New plans come each spring and the old ones are never finished."),
)
_DIFFERENTLY = (
    "That small things count.",
    "How much is being done already.",
    "How little of what we know is written down.",
    "That other teams have the same worry.",
)
_FIRST = (
    "Talk to my team on Monday.",
    "Make the card.",
    "Ask the next person what matters to them.",
    "Ring one carer.",
)


def idea(dice: Dice) -> tuple[str, str]:
    """Return a kind and a sentence of that kind."""
    return dice.choice(_IDEAS)


def answers(dice: Dice) -> dict[str, object]:
    """Return answers to the closing questions."""
    return {"differently": dice.choice(_DIFFERENTLY), "first": dice.choice(_FIRST), "room": dice.randint(3, 5)}
