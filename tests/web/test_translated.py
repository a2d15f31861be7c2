"""What a machine put in Dutch, as a member reads it: beside the own words, and called unchecked."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intakebot.translating import Made, Translating
from tests.web.office import OOST_GELRE, WINTERSWIJK, Office, office

ARABIC = "نسكن منذ ثلاثة أسابيع ولا ندفع الإيجار."
DUTCH = "Wij wonen hier drie weken en betalen <geen> huur."


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as found:
        yield found


async def test_a_translation_stands_beside_the_own_words_and_is_called_unchecked(
    here: Office,
) -> None:
    reference = await here.inhabitant().tell((ARABIC,), lang="ar")
    browser = await here.signed_in("Marieke", (WINTERSWIJK, OOST_GELRE))
    before = (await browser.get(f"/inbox/{reference}")).text

    async def translate(_text: str, _language: str | None) -> Made:
        return Made(text=DUTCH)

    await Translating(
        database=here.database, vault=here.vault, translate=translate, now=here.now
    ).translate_due()
    after = (await browser.get(f"/inbox/{reference}")).text

    assert "Door een computer vertaald" not in before
    assert re.search(r"Door een computer vertaald, niet gecontroleerd \(.+\)", after)
    assert "betalen &lt;geen&gt; huur." in after
    assert ARABIC in after
    assert after.index(ARABIC) < after.index("betalen &lt;geen&gt; huur.")
    assert "Nog geen mens vertaalde die." in after
