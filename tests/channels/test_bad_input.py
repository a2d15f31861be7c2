"""What bad input gets, through the real channels: a kind sentence or a stored story, never an error.

Every text is told as a story in Telegram and in the web chat, and must be kept as it was written,
sign by sign; then it is typed under a question that it does not answer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote_from_bytes

import httpx
import pytest

from intakebot.core.limits import SAID_CHARS_MAX
from intakebot.core.session import Session
from intakebot.store import sessions
from tests.bot_api.person import Person
from tests.bot_api.server import BotApi
from tests.channels.house import House, open_house
from tests.channels.walking import Walk
from tests.web.place import Place, place
from tests.web.test_chat import OURS, begin, form, press, question

TEXTS = {
    "emoji": "😭🆘🏠💶",
    "one emoji of many": "👩🏽‍👩🏽‍👧🏽‍👦🏽 🇳🇱",
    "insults": "Jullie zijn allemaal klootzakken, rot op met je computer!!!",
    "no space": "a" * 4096,
    # In letters of a language that we do not speak: those of another would get its offer once.
    "no space from right to left": "ש" * 4096,
    "no sentence": "?!?!... ,,,, ---- ####",
    "right to left": "Mijn \u202enaam is\u202c \u2067omgedraaid\u2069 \u200f\u200e.",
    "marks upon marks": "z\u0335\u0321\u0327\u0337\u0300\u0301\u0302\u0303algo" * 20,
    "no width": "ik\u200bheb\u200c\u200dhulp\ufeff nodig",
    "four scripts": "Ik ben ሰላም и мне нужна المساعدة 住房",
    "markup": "<b>vet</b> & *ster* _laag_ [link](https://x.example) {naam} %s $1",
    "signs that look like others": "½ ﬁets ² ① Ⅳ ﷺ",
    "lines": "een\n\n\ntwee\n\tdrie",
    "digits of others": "٠١٢٣ ፩፪፫ ०१२",
}
BENT = {
    "nul": ("ik\0ben\0hier", "ikbenhier"),
    "half a pair": ("ik ben\ud83d moe\udc00", "ik ben moe"),
    "half a pair alone": ("\ud83d", ""),
    "letter and accent apart": ("cafe\u0301", "caf\u00e9"),
}
FAULTS = ("Dat lukte niet", "Internal Server Error", "Traceback")


def as_kept(text: str) -> str:
    """How it is kept: composed, without what no database can hold. Nothing else is changed."""
    whole = text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    return unicodedata.normalize("NFC", whole)


# ---- in Telegram --------------------------------------------------------------------------------


@pytest.fixture
async def house(api: BotApi, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(api, tmp_path) as house:
        yield house


async def session_of(house: House, person: Person) -> Session:
    chat = house.vault.chat("telegram", house.telegram.bot, str(person.id))
    found = await house.database.read(lambda: sessions.open_in(house.vault, chat))
    assert found is not None
    return found.session


async def at_the_story(house: House) -> Walk:
    walk = Walk(house.api.person())
    await walk.begin()
    await walk.answer(await walk.next_screen())
    await walk.next_screen()
    return walk


async def test_in_telegram_a_story_is_kept_as_it_was_written(house: House) -> None:
    walk = await at_the_story(house)
    bent = (BENT["nul"], BENT["letter and accent apart"])
    written = [*((text, as_kept(text)) for text in TEXTS.values()), *bent]
    for nth, (text, _) in enumerate(written, 1):
        await walk.person.says(text)
        await walk.person.waits(
            lambda _, nth=nth: _listened(walk.person) == nth,  # type: ignore[misc]  # bound now
            f"an ear for {text[:20]}",
        )

    told = [told.text for told in (await session_of(house, walk.person)).story]
    assert told == [kept for _, kept in written]


async def test_in_telegram_a_wrong_answer_gets_a_kind_word(house: House) -> None:
    walk = Walk(house.api.person())
    await walk.begin()
    shown = await walk.next_screen()  # for whom
    for text in TEXTS.values():
        said = len(walk.person.messages)
        await walk.person.says(text)
        again = await walk.same_screen()
        assert again.text == shown.text
        assert len(walk.person.messages) >= said + 1, "a word before the question"

    assert (await session_of(house, walk.person)).answers[2:] == ()
    assert {call.code for call in house.api.world.calls} == {200}


async def test_in_telegram_half_a_sign_gets_no_error(house: House) -> None:
    walk = await at_the_story(house)
    for text in (BENT["half a pair"][0], BENT["half a pair alone"][0]):
        await walk.person.says(text)
        await walk.same_screen()

    told = (await session_of(house, walk.person)).story[0].text
    assert told.replace("\ufffd", "") == "ik ben moe"


async def test_in_telegram_stickers_only_get_a_kind_word_each(house: House) -> None:
    walk = await at_the_story(house)
    shown = walk.person.messages[-1]
    for nth in range(3):
        sticker = {"file_id": f"s{nth}", "file_unique_id": f"u{nth}", "type": "regular"}
        await walk.person.sends(
            sticker=sticker | {"width": 1, "height": 1, "is_animated": False, "is_video": False}
        )
        shown = await walk.same_screen()

    assert (await session_of(house, walk.person)).story == ()
    assert shown.text.startswith("Vertel wat er is")
    assert walk.person.screen.count("Schrijf het in woorden.") == 3


async def test_in_telegram_a_wall_of_forwarded_messages_is_a_story(house: House) -> None:
    walk = await at_the_story(house)
    wall = [f"Bericht {nth} van de woningbouw: betaal nu." for nth in range(25)]
    origin = {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "Woningbouw"}
    for text in wall:
        await walk.person.says(text, forward_origin=origin)
    await walk.person.says("einde van de muur")
    await walk.person.waits(lambda _: _listened(walk.person) >= len(wall) + 1, "an answer to each")

    told = [saying.text for saying in (await session_of(house, walk.person)).story]
    assert told == [*wall, "einde van de muur"]


def _listened(person: Person) -> int:
    return sum("Ik luister" in shown.text for shown in person.messages)


# ---- in the web chat ----------------------------------------------------------------------------


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as found:
        yield found


@pytest.fixture
async def browser(here: Place) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=here.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers=OURS, follow_redirects=True
    ) as opened:
        yield opened


async def type_in(browser: httpx.AsyncClient, page: str, text: str) -> httpx.Response:
    """Type it as a changed browser may: half pairs as the bytes that no other would send."""
    fields = form(page, "text") | {"say": text}
    body = "&".join(
        f"{key}={quote_from_bytes(value.encode('utf-8', 'surrogatepass'))}"
        for key, value in fields.items()
    )
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return await browser.post("/", content=body, headers=kind)


async def story_of(here: Place, browser: httpx.AsyncClient) -> list[str]:
    chat = here.chat.chat(browser.cookies["chat"])
    found = await here.database.read(lambda: sessions.open_in(here.vault, chat))
    assert found is not None
    return [told.text for told in found.session.story]


async def test_in_the_web_chat_a_story_is_kept_as_it_was_written(
    here: Place, browser: httpx.AsyncClient
) -> None:
    page = await press(browser, await begin(browser), "mij")
    written = [*((text, as_kept(text)) for text in TEXTS.values()), *BENT.values()]
    for text, _ in written:
        answer = await type_in(browser, page, text)
        page = answer.text

        assert answer.status_code == 200
        assert question(page).startswith("Ik luister")
        assert [it for it in FAULTS if it in page] == []

    # Half a pair is three bytes that mean nothing: marks of replacement stand there.
    told = [told.replace("\ufffd", "") for told in await story_of(here, browser)]
    assert told == [kept for _, kept in written]


async def test_in_the_web_chat_a_wrong_answer_gets_the_question_again(
    browser: httpx.AsyncClient,
) -> None:
    page = await begin(browser)
    for text in (*TEXTS.values(), *(text for text, _ in BENT.values())):
        answer = await type_in(browser, page, text)
        page = answer.text

        assert answer.status_code == 200
        assert question(page) == "Voor wie vraagt u hulp?"
        assert [it for it in FAULTS if it in page] == []


async def test_in_the_web_chat_too_long_a_text_gets_a_kind_word(
    here: Place, browser: httpx.AsyncClient
) -> None:
    page = await press(browser, await begin(browser), "mij")
    answer = await type_in(browser, page, "a" * (SAID_CHARS_MAX + 1))

    assert answer.status_code == 200
    assert question(answer.text).startswith("Vertel wat er is")
    assert await story_of(here, browser) == []
