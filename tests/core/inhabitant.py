"""What an inhabitant may do next, as strategies: mostly sensible, so that talks get somewhere."""

from __future__ import annotations

from hypothesis import strategies as st

from intakebot.core.events import Button, Chose, Event, Message, Pressed, Said
from intakebot.core.flow import Kind, Question

Answer = tuple[Event, str | tuple[str, ...] | None]

STORIES = (
    "Ik heb schulden en de huur is achter",
    "De stroom wordt donderdag afgesloten",
    "Ik ben mijn baan kwijt",
    "Ik kan het huishouden niet meer doen",
    "Mijn kinderen gaan niet naar school",
    "ik ben zo alleen",
    "Mijn buurvrouw is in de war en ik maak me zorgen",
    "I lost my job and I have no money",
    "ما عندنا دخل بعد",
    "Ik woon in 7101 en ik slaap slecht",
    "heb ik recht op bijstand?",
    "ik ben 15 en mijn ouders vechten altijd",
    "Mijn man slaat mij",
    "ik wil niet meer leven",
    "ik zorg voor mijn moeder en ik drink te veel",
)
NUMBERS = ("111222333", "123456782", "1112.22.333")  # valid BSNs
# Anything that a keyboard or a forged request can bring.
ANYTHING = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(), max_size=200),
    st.sampled_from(
        (
            "",
            " ",
            "\x00",
            "\ud83d",
            "\u202e\u2067خ7101\u2069",
            "a" * 10_000,
            "٣" * 9_999,
            "/",
            "/nix",
            "é" * 10_001,
            "👍🏽",
            "😀" * 5_000,
            "1. 2, 3; en 4",
            "nee nee nee ja",
            "= 1 | 2 {x} %s",
        )
    ),
)
TYPED: dict[Kind, tuple[tuple[str, str], ...]] = {
    Kind.YES_NO: (("ja", "ja"), ("nee hoor", "nee"), ("weet ik niet", "weet_niet"), ("2", "nee")),
    Kind.AGE_BAND: (("31", "27_66"), ("٣٨", "27_66"), ("ik ben 17", "16_17"), ("70", "67_plus")),
    Kind.POSTCODE: (("7101", "7101"), ("7131 ab", "7131AB"), ("٧١٠١", "7101"), ("9999", "9999")),
    Kind.PLACE: (("Winterswijk", "Winterswijk"), ("ergens", "ergens")),
    Kind.PHONE: (("06 12345678", "+31612345678"), ("٠٦١٢٣٤٥٦٧٨", "+31612345678")),
    Kind.NAME: (("Ada", "Ada"), ("ik heet Khaled", "Khaled"), ("فاطمة", "فاطمة")),
    Kind.TEXT: (("mijn zus", "mijn zus"), ("koken", "koken")),
    Kind.DATE: (("26 november", "2026-11-26"), ("morgen", "2026-11-24")),
}
ELSEWHERE = {
    Kind.POSTCODE: (("3461", "3461"),),
    Kind.PLACE: (("Linschoten", "Linschoten"),),
}


def own(message: Message) -> tuple[Button, ...]:
    """The buttons that answer the question."""
    return tuple(button for button in message.buttons if not button.id.startswith("/"))


def answers(question: Question, screen: Message, ref: str) -> st.SearchStrategy[Answer]:
    """A good answer to this question as it is on screen, and the value that must be kept."""
    ids = [button.id for button in own(screen)]
    ways: list[st.SearchStrategy[Answer]] = []
    match question.kind:
        case Kind.CHOICES | Kind.DOMAINS:
            ticked = tuple(button.id for button in own(screen) if button.proposed)
            agree: Answer = (Pressed(id="klopt", prompt=screen.prompt), ticked)
            ways = [st.just(agree), st.just((Said(text="klopt", ref=ref), ticked))]
            some = st.lists(st.sampled_from([one.id for one in question.choices]), max_size=4)
            ways.append(some.map(lambda found: _chosen(tuple(dict.fromkeys(found)), screen)))
        case Kind.CHOICE:
            ways = [_numbered([choice.id for choice in question.choices], ref)]
        case Kind.STORY:
            ways = [st.just((Said(text="klaar", ref=ref), "klaar"))]
        case _:
            pass
    typed = TYPED.get(question.kind, ())
    typed += ELSEWHERE.get(question.kind, ())
    if typed:
        ways.append(st.sampled_from(typed).map(lambda pair: (Said(text=pair[0], ref=ref), pair[1])))
    if ids and question.kind not in (Kind.CHOICES, Kind.DOMAINS, Kind.READ_BACK):
        ways.append(
            st.sampled_from(ids).map(lambda one: (Pressed(id=one, prompt=screen.prompt), one))
        )
    return st.one_of(ways)


def _chosen(ids: tuple[str, ...], screen: Message) -> Answer:
    return Chose(ids=ids, prompt=screen.prompt), ids


def _numbered(ids: list[str], ref: str) -> st.SearchStrategy[Answer]:
    """A choice by its number, in any digits."""
    eastern = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    pairs = [(str(n), one) for n, one in enumerate(ids, start=1)]
    pairs += [(number.translate(eastern), one) for number, one in pairs]
    return st.sampled_from(pairs).map(lambda pair: (Said(text=pair[0], ref=ref), pair[1]))
