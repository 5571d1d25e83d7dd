"""An invented café with believable words for the pictures: an organisation, ideas and votes that name nobody."""

from datetime import UTC, datetime

MOMENT = datetime(2026, 11, 26, 14, 20, tzinfo=UTC)
CODE = "MJBY6W"
FOUNDATION = "access-24-7"
ORGANISATION = "Northvale Hospice"
PASSPHRASE = "three unrelated words"
PLAN = {
    "title": "Nights and weekends",
    "held_on-day": "26",
    "held_on-month": "11",
    "held_on-year": "2026",
    "place": "Northvale",
    "host": ORGANISATION,
    "partners": "Northvale Hospice\nNorthvale Community Nursing\nCarers Northvale",
}
PURPOSE = "strategic"
SETTING = "home-community"
PEOPLE = 19
LATE = 3  # so many ideas come while the screen is being looked at
IDEAS = (
    ("action", (2, 4), "Put the night number on the front of every care home folder, in large print."),
    ("concern", (), "We tried a shared line before. It failed because nobody owned the rota."),
    ("question", (3,), "Does a call back within half an hour keep people at home?"),
    ("example", (3, 4), "Our Sunday pharmacist rota: anticipatory medicines reach a village within two hours."),
    ("action", (4,), "Let the ambulance crew see the care plan before they leave the station."),
    ("action", (1, 4), "One page for families: who to ring at 3 am, and what they will ask."),
    ("action", (6,), "Train two volunteers to sit with someone between 10 pm and 2 am."),
    ("example", (3, 6), "The village shop keeps spare batteries for syringe drivers."),
    ("action", (1,), "Ask every carer on Friday what worries them about the weekend."),
    ("action", (), "Ring every new carer in the first week, in the evening."),
)
TYPED = "A text that says “we have your message, a nurse will ring by ten”."
# Which ideas each of so many people chose, by their place above.
CHOICES = ((9, (0, 5, 4)), (5, (0, 6, 9)), (2, (5, 4, 8)), (2, (0, 6, 8)))
