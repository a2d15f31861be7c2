"""Whether a story says that a child translates; never when a person of the trade does."""

from __future__ import annotations

import pytest

from tests.conversation import shipped_flow

HEARD = {
    "nl": ("Ik vertaal altijd voor mijn moeder", "mijn zoontje moet steeds vertalen bij de dokter"),
    "en": ("I always translate for my mother", "my daughter is translating everything"),
    "ar": ("أنا أترجم لأمي عند الطبيب", "ابني يترجم لي دائما"),
    "ti": ("ኣነ ንኣደይ እትርጉም", "ጓለይ ትትርጉመለይ"),
    "uk": ("Я завжди перекладаю для мами", "Моя дочка перекладає мені листи"),
    "ru": ("Я всегда перевожу для мамы", "Мой сын переводит мне письма"),
    "tr": ("Anneme hep çeviri yapıyorum", "Kızım bana tercüme yapıyor"),
    "pl": ("Zawsze tłumaczę mamie", "Moja córka tłumaczy mi listy"),
}
NOT_HEARD = (
    "ik ben vertaler van beroep",
    "de brief is vertaald",
    "my mother is a teacher",
    "Моя дочка ходить до школи",
)


def facts(text: str, lang: str) -> set[str]:
    return {fact.name for fact in shipped_flow().hear((text,), lang).facts}


@pytest.mark.parametrize(
    ("lang", "text"), [(lang, text) for lang, texts in HEARD.items() for text in texts]
)
def test_a_child_that_translates_is_heard(lang: str, text: str) -> None:
    assert "kind_vertaalt" in facts(text, lang)


@pytest.mark.parametrize("text", NOT_HEARD)
def test_other_translating_is_not(text: str) -> None:
    assert "kind_vertaalt" not in facts(text, "nl")
