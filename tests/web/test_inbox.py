"""The inbox over HTTP: what members read, and what each form does, once."""

import asyncio
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from intakebot.store import audit, scoped, sessions
from intakebot.web.inbox import queue
from intakebot.web.inbox.contact import warnings
from intakebot.web.inbox.forms import MESSAGE_CHARS_MAX
from tests.store.builders import a_request
from tests.web.office import OOST_GELRE, WINTERSWIJK, Inhabitant, Office, fields, office

CRISIS = ("Ik wil niet meer leven.", "Morgen word ik uit mijn huis gezet.")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as found:
        yield found


def text(page: str) -> str:
    """What a person reads on the page, on one line."""
    body = re.sub(r"<(script|symbol)\b.*?</\1>|<head>.*?</head>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


async def read(browser: httpx.AsyncClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def send(
    browser: httpx.AsyncClient, reference: str, what: str, **filled: str
) -> httpx.Response:
    """Open the request, fill in one of its forms, and send it."""
    page = await read(browser, f"/inbox/{reference}")
    return await browser.post(f"/inbox/{reference}/{what}", data=fields(page, f"/{what}") | filled)


# ---- the lists ----------------------------------------------------------------------------------


async def test_an_empty_queue_says_so_kindly(here: Office) -> None:
    browser = await here.signed_in()

    assert "Zodra een inwoner iets stuurt, ziet u het hier." in await read(browser, "/inbox")


async def test_a_line_says_what_a_member_needs_to_choose(here: Office) -> None:
    reference = await here.inhabitant().tell(lang="ar")
    line = text(await read(await here.signed_in(), "/inbox"))

    for said in (
        reference,
        "Yusuf",
        "Hulpvraag",
        "geld en schulden",
        "Winterswijk",
        "Sociaal team Winterswijk",
        "Arabisch",
        "tolk nodig",
        "Deze week",
        "Beloofd: contact uiterlijk",
    ):
        assert said in line


async def test_what_breaks_first_stands_on_top(here: Office) -> None:
    calm = await here.inhabitant("a" * 64).tell(("Ik wil graag koffie drinken met iemand.",))
    debts = await here.inhabitant("b" * 64).tell(("De energie wordt volgende maand afgesloten.",))
    crisis = await here.inhabitant("c" * 64).tell(CRISIS)
    page = await read(await here.signed_in(), "/inbox")

    assert re.findall(r'<th scope="row"><a [^>]*href="/inbox/([^"]+)"', page) == [crisis, debts, calm]  # fmt: skip


async def test_a_list_of_one_team(here: Office) -> None:
    ours = await here.inhabitant("a" * 64).tell()
    other = await here.inhabitant("b" * 64).tell(answers={"postcode": "7131 AB"})
    browser = await here.signed_in("Wil", (WINTERSWIJK, OOST_GELRE))
    both = await read(browser, "/inbox")
    one = await read(browser, f"/inbox?team={OOST_GELRE}")

    assert ours in both
    assert other in both
    assert ours not in one
    assert other in one


async def test_lists_follow_what_members_do(here: Office) -> None:
    reference = await here.inhabitant().tell()
    browser, colleague = await here.signed_in(), await here.signed_in("Bas")
    await send(browser, reference, "oppakken")

    assert reference not in await read(browser, "/inbox")
    assert reference in await read(browser, "/inbox?lijst=van-mij")
    assert reference in await read(colleague, "/inbox?lijst=opgepakt")
    assert reference not in await read(colleague, "/inbox?lijst=van-mij")

    await send(browser, reference, "afsluiten", outcome="plan")
    closed = text(await read(colleague, "/inbox?lijst=afgesloten"))

    assert reference in closed
    assert "plan gemaakt" in closed


async def test_who_wants_a_call_and_who_wants_to_be_erased_stand_out(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    await person.press("/erase")
    await person.press("ja")
    browser = await here.signed_in()

    assert "Verwijderverzoek: antwoord uiterlijk wo 23 dec" in text(await read(browser, "/inbox"))
    assert "AVG art. 12 lid 3" in await read(browser, f"/inbox/{reference}")


# ---- one request --------------------------------------------------------------------------------


async def test_the_page_has_the_request_whole(here: Office) -> None:
    reference = await here.inhabitant().tell()
    page = await read(await here.signed_in(), f"/inbox/{reference}")

    for said in (
        "Yusuf vraagt hulp.",
        "De huur is twee maanden te laat.",
        "geld en schulden",
        "Bevestigd door de inwoner",
        "Wgs art. 4 lid 1",
        "Loopt sinds maandag 23 november",
        "Loopt nog niet. Begint met: de aanvraag van bijstand.",
        "Postcode 7101 hoort bij Winterswijk.",
        "Maakt niet uit",
        "Er is geen trefwoord gevonden.",
        "Nog niemand heeft dit opgepakt.",
    ):
        assert said in text(page)
    assert 'href="tel:+31612345678"' in page
    assert "06 12345678" in text(page)


async def test_a_sentence_to_look_at_is_shown_in_the_own_words_without_a_label(
    here: Office,
) -> None:
    reference = await here.inhabitant().tell(CRISIS)
    page = text(await read(await here.signed_in(), f"/inbox/{reference}"))

    assert re.search(r"Kijk nu: “ ?Ik wil niet meer leven\.? ?”", page)
    for label in ("suicid", "suïcid", "zelfdoding", "geen crisis", "crisis"):
        assert label not in page.lower()


async def test_own_words_keep_their_script_and_direction(here: Office) -> None:
    story = "نسكن منذ ثلاثة أسابيع. الإيجار متأخر شهرين."
    reference = await here.inhabitant().tell((story,), lang="ar")
    page = await read(await here.signed_in(), f"/inbox/{reference}")

    assert f'<blockquote class="own" dir="auto" lang="ar"><p>{story}</p>' in page
    assert "Uw bericht wordt niet vertaald" not in page  # who did not take it cannot write


async def test_what_a_person_writes_is_never_markup(here: Office) -> None:
    reference = await here.inhabitant().tell(
        ("<script>alert(1)</script> de huur",), answers={"naam": "<b>Zoë"}
    )
    browser = await here.signed_in()
    pages = await read(browser, "/inbox") + await read(browser, f"/inbox/{reference}")

    assert "<script>alert" not in pages
    assert "<b>Zoë" not in pages
    assert "&lt;script&gt;alert(1)" in pages


async def test_a_withdrawn_request_says_so_and_asks_for_nothing(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    await person.press("/withdraw")
    await person.press("ja")
    page = await read(await here.signed_in(), f"/inbox/{reference}")

    assert "De inwoner trok dit verzoek in." in text(page)
    assert "/oppakken" not in page
    assert "/afsluiten" not in page
    assert "De computer" in text(page)  # its note


# ---- taking -------------------------------------------------------------------------------------


async def test_taking_tells_the_inhabitant_who_it_is(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    before = len(here.woken)
    answer = await send(await here.signed_in(), reference, "oppakken")
    told = (await person.thread())[-1].message.text

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/inbox/{reference}"
    assert "Marieke van Sociaal team Winterswijk" in told
    assert "0543 1234" in told
    assert len(here.woken) > before
    assert (await person.session()).contact is not None


async def test_of_many_who_take_at_once_one_wins_and_the_others_read_who(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browsers = [await here.signed_in(name) for name in ("Anna", "Bas", "Cor", "Dina")]
    forms = [fields(await read(it, f"/inbox/{reference}"), "/oppakken") for it in browsers]
    answers = await asyncio.gather(
        *(
            browser.post(f"/inbox/{reference}/oppakken", data=form)
            for browser, form in zip(browsers, forms, strict=True)
        )
    )
    contact = (await person.session()).contact
    lost = [it.text for it in answers if it.status_code == 409]

    assert contact is not None
    assert sorted(it.status_code for it in answers) == [303, 409, 409, 409]
    assert all(f"{contact.name} is de contactpersoon." in text(it) for it in lost)
    assert [it.message.text for it in await person.thread()].count(
        (await person.thread())[-1].message.text
    ) == 1


async def test_taking_twice_by_the_same_form_counts_once(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browser = await here.signed_in()
    form = fields(await read(browser, f"/inbox/{reference}"), "/oppakken")
    answers = [await browser.post(f"/inbox/{reference}/oppakken", data=form) for _ in range(2)]
    told = [it for it in await person.thread() if "contactpersoon is Marieke" in it.message.text]

    assert [it.status_code for it in answers] == [303, 303]
    assert len(told) == 1


# ---- messages, both ways ------------------------------------------------------------------------


async def test_messages_go_both_ways_and_the_bot_keeps_silent(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browser = await here.signed_in()
    await send(browser, reference, "oppakken")
    answer = await send(browser, reference, "bericht", text="Kan ik u\r\nvanmiddag bellen?")
    await person.say("Ja, graag na drie uur.")
    thread = await person.thread()
    page = text(await read(browser, f"/inbox/{reference}"))

    assert answer.headers["location"] == f"/inbox/{reference}#gesprek"
    assert thread[-2].author == "member"
    assert thread[-2].message.text == "Kan ik u\nvanmiddag bellen?"
    assert thread[-1].author == "inhabitant"  # nothing of the bot after it
    assert "Ja, graag na drie uur." in page
    assert page.count("Kan ik u vanmiddag bellen?") == 1
    assert "Bericht van Marieke" not in page


async def test_a_message_sent_twice_by_the_same_form_counts_once(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browser = await here.signed_in()
    await send(browser, reference, "oppakken")
    form = fields(await read(browser, f"/inbox/{reference}"), "/bericht") | {"text": "Dag!"}
    for _ in range(3):
        assert (await browser.post(f"/inbox/{reference}/bericht", data=form)).status_code == 303

    assert [it.author for it in await person.thread()].count("member") == 1


async def test_only_the_contact_person_writes(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browser, colleague = await here.signed_in(), await here.signed_in("Bas")
    await send(browser, reference, "oppakken")
    form = fields(await read(colleague, f"/inbox/{reference}"), "/notitie")
    answer = await colleague.post(
        f"/inbox/{reference}/bericht", data=form | {"text": "Ik ben Bas."}
    )

    assert answer.status_code == 409
    assert "Contactpersoon: Marieke." in text(answer.text)
    assert "Ik ben Bas." in answer.text  # what was typed is not lost
    assert all("Bas" not in it.message.text for it in await person.thread())


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Nog niets ingevuld"), ("x" * (MESSAGE_CHARS_MAX + 1), "Te lang")]
)
async def test_an_empty_or_endless_message_is_not_sent(here: Office, typed: str, said: str) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browser = await here.signed_in()
    await send(browser, reference, "oppakken")
    answer = await send(browser, reference, "bericht", text=typed)

    assert answer.status_code == 409
    assert said in text(answer.text)
    assert "member" not in [it.author for it in await person.thread()]


async def test_safe_times_and_language_are_said_before_writing(here: Office) -> None:
    reference = await here.inhabitant().tell(
        ("زوجي يضربني وأنا خائفة.",), lang="ar", answers={"veilige_tijd": "avond"}
    )
    browser = await here.signed_in()
    await send(browser, reference, "oppakken")
    page = text(await read(browser, f"/inbox/{reference}"))

    assert "Veilige tijd: avond (18 tot 21 uur). Bel niet op een ander moment." in page
    assert "Taal: Arabisch. Uw bericht wordt niet vertaald." in page


def test_a_message_to_telegram_waits_for_the_safe_time(here: Office) -> None:
    request = a_request()
    evening = replace(request.contact, safe_times=("avond",), safe_ways=("chat",), phone=None)
    said = warnings(here.inbox, replace(request, contact=evening, channel="telegram"))
    easy = warnings(here.inbox, replace(request, reading_level="A2"))

    assert said == (
        "Veilige tijd: avond (18 tot 21 uur). Bel niet op een ander moment.",
        "Een bericht wacht op die tijd.",
        "Er is geen telefoonnummer. Schrijf in de chat.",
    )
    assert easy[-1] == "Schrijf kort en eenvoudig (A2)."


# ---- notes, urgency, voice notes, closing -------------------------------------------------------


async def test_a_note_is_for_the_team_only(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browser = await here.signed_in()
    await send(browser, reference, "notitie", text="Eerst met de woningcorporatie bellen.")

    assert "Eerst met de woningcorporatie bellen." in await read(browser, f"/inbox/{reference}")
    assert all("woningcorporatie" not in it.message.text for it in await person.thread())


async def test_another_urgency_has_a_reason_and_a_person(here: Office) -> None:
    reference = await here.inhabitant().tell()
    browser = await here.signed_in()
    await send(browser, reference, "urgentie", level="vandaag", text="De deurwaarder staat er.")
    page = text(await read(browser, f"/inbox/{reference}"))

    assert "Haast: Vandaag" in page
    assert "Aangepast door het team: De deurwaarder staat er." in page
    assert "Vandaag" in text(await read(browser, "/inbox"))


async def test_a_form_of_an_older_state_changes_nothing_and_says_what_it_is_now(
    here: Office,
) -> None:
    reference = await here.inhabitant().tell()
    browser, colleague = await here.signed_in(), await here.signed_in("Bas")
    old = fields(await read(browser, f"/inbox/{reference}"), "/urgentie")
    await send(colleague, reference, "urgentie", level="nu", text="Er is gebeld.")
    answers = [
        await browser.post(
            f"/inbox/{reference}/{what}",
            data=old | {"level": "gewoon", "outcome": "opgelost", "text": "Rustig."},
        )
        for what in ("urgentie", "afsluiten", "oppakken")
    ]

    assert [it.status_code for it in answers] == [409, 409, 409]
    assert "Haast: Nu." in text(answers[0].text)
    assert "Rustig." in answers[0].text
    assert "Haast: Nu" in text(await read(browser, f"/inbox/{reference}"))


async def test_a_story_that_no_computer_read_says_so_in_the_queue_until_somebody_listened(
    here: Office,
) -> None:
    reference = await here.inhabitant().tell((), voice=True)
    browser = await here.signed_in()
    before = text(await read(browser, "/inbox"))
    await read(browser, f"/inbox/{reference}")
    await send(browser, reference, "beluisterd")
    after = text(await read(browser, "/inbox"))

    assert "Vandaag" in before
    assert "Niet door een computer gelezen" in before
    assert "Nog te beluisteren: 1 (0:42 min)" in before
    assert "Niet door een computer gelezen" not in after
    assert "Nog te beluisteren" not in after


async def test_a_voice_note_is_played_and_marked_as_heard(here: Office) -> None:
    reference = await here.inhabitant().tell(voice=True)
    browser = await here.signed_in()
    page = await read(browser, f"/inbox/{reference}")
    sound = await browser.get(f"/inbox/{reference}/bijlage/spraak1")
    await send(browser, reference, "beluisterd")
    after = text(await read(browser, f"/inbox/{reference}"))

    assert "Nog niet beluisterd." in text(page)
    assert sound.content == b"OggS stem"
    assert sound.headers["content-type"] == "audio/ogg"
    assert sound.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in sound.headers["content-security-policy"]
    assert "Beluisterd door Marieke." in after


async def test_closing_tells_the_inhabitant_and_keeps_the_outcome(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browser = await here.signed_in()
    await send(browser, reference, "oppakken")
    await send(browser, reference, "afsluiten", outcome="anders", text="Verhuisd.")
    page = text(await read(browser, f"/inbox/{reference}"))

    assert (await person.session()).closed
    assert "Het team heeft uw hulpvraag afgesloten." in (await person.thread())[-1].message.text
    assert "anders, zie notitie" in page
    assert "Verhuisd." in page


@pytest.mark.parametrize("filled", [{"outcome": "anders"}, {"outcome": ""}, {"outcome": "weg"}])
async def test_closing_needs_an_outcome_and_other_a_note(
    here: Office, filled: dict[str, str]
) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    answer = await send(await here.signed_in(), reference, "afsluiten", **filled)

    assert answer.status_code == 409
    assert not (await person.session()).closed


# ---- what is new, and the audit -----------------------------------------------------------------


def news(page: str) -> str:
    """What the script asks."""
    found = re.search(r'data-ask="([^"]+)" data-mark="([^"]*)"', page)
    assert found
    return f"{found[1]}?merk={found[2]}"


async def test_the_page_hears_that_something_is_new(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browser = await here.signed_in()
    listed = news(await read(browser, "/inbox"))
    shown = news(await read(browser, f"/inbox/{reference}"))

    assert [(await browser.get(it)).status_code for it in (listed, shown)] == [204, 204]

    await person.say("Nog iets.")
    await here.inhabitant("b" * 64).tell()

    assert [(await browser.get(it)).status_code for it in (listed, shown)] == [200, 200]


async def test_every_view_and_change_stands_in_the_audit_once(here: Office) -> None:
    person = here.inhabitant()
    reference = await person.tell(voice=True)
    browser = await here.signed_in()
    await send(browser, reference, "oppakken")
    await browser.get(f"/inbox/{reference}/bijlage/spraak1")
    await send(browser, reference, "bericht", text="Dag.")
    await browser.get(news(await read(browser, f"/inbox/{reference}")))
    entries = await _audit(here, person)

    assert [it for it in entries if it.startswith("member")] == [
        "member:marieke view",
        "member:marieke take",
        "member:marieke attachment",
        "member:marieke view",
        "member:marieke write",
        "member:marieke view",
    ]
    assert await here.database.read(lambda: audit.verify(here.vault)) == ()


async def _audit(here: Office, person: Inhabitant) -> list[str]:
    chat = here.vault.chat(person.channel, "-", person.address)
    stored = await here.database.read(lambda: sessions.open_in(here.vault, chat))
    assert stored is not None
    rows = await here.database.read(lambda: audit.about(here.vault, stored.home.session))
    return [f"{it.actor} {it.action}" for it in rows]


async def test_what_ended_is_paged_newest_first_whatever_the_way_it_ended(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoped, "PAGE_MAX", 2)
    monkeypatch.setattr(queue, "PAGE_MAX", 2)
    browser, ended = await here.signed_in(), list[str]()
    for nth in range(4):
        person = here.inhabitant(str(nth) * 64)
        ended.insert(0, await person.tell())
        if nth % 2:
            await person.say("intrekken")
            await person.press("ja")
        else:
            await send(browser, ended[0], "oppakken")
            await send(browser, ended[0], "afsluiten", outcome="opgelost")
    pages = [await read(browser, f"/inbox?lijst=afgesloten&blad={nth}") for nth in (1, 2, 3)]
    rows = [re.findall(r'<th scope="row"><a [^>]*href="/inbox/([^"]+)"', it) for it in pages]

    assert rows == [ended[:2], ended[2:], []]
    assert ["blad=2" in pages[0], "blad=3" in pages[1]] == [True, False]


async def test_an_english_browser_gets_english_pages_and_the_inhabitant_reads_the_own_language(
    here: Office,
) -> None:
    person = here.inhabitant()
    reference = await person.tell()
    browser = await here.signed_in()
    browser.headers["Accept-Language"] = "fr;q=0.9, en-GB,en;q=0.8, nl;q=0.5"
    addresses = ("/inbox", f"/inbox/{reference}", "/inbox/IB-0000-0000")
    pages = [(await browser.get(it)).text for it in addresses]
    await send(browser, reference, "oppakken")
    told = (await person.thread())[-1].message.text
    here_in_dutch = await browser.get("/inbox", headers={"Accept-Language": "de, tlh"})

    assert [re.search(r'<html lang="(\w+)"', it)[1] for it in pages] == ["en"] * 3  # type: ignore[index]  # each has it
    assert all("Sign out" in it for it in pages[:2])
    assert '<p lang="nl" dir="auto">' in pages[1]
    assert "van Sociaal team Winterswijk" in told
    assert '<html lang="nl"' in here_in_dutch.text
