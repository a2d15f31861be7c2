"""Tongues: in which language somebody seems to write. Rather nothing than a wrong one."""

from __future__ import annotations

import pytest

from intakebot.core.hearing.tongues import tongues
from tests.conversation import shipped_flow

BOTH = ("fa", "fa_AF")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ik heb veel schulden en de deurwaarder staat voor de deur", ("nl",)),
        ("We have no money for the rent and I don't know what to do", ("en",)),
        ("Nie mam pieniędzy na czynsz i nie wiem, co mam robić", ("pl",)),
        ("Benim çok borcum var ve bu ay kiramı ödemek için param yok", ("tr",)),
        ("ገንዘብ የብለይን፣ ክራይ ገዛ ክኸፍል ኣይክእልን እየ", ("ti",)),
        ("ما عندنا دخل بعد ولا أفهم الرسائل من البلدية", ("ar",)),
        ("تعبت نفسيتي كلش ومخنوگ هنا", ("ar",)),
        ("من پول اجاره خانه را ندارم و نمی‌دانم چه کار کنم", BOTH),
        ("man pool nadaram va nemidunam che kar konam, kheyli sakhte", BOTH),
        ("У мене немає грошей на оренду і їжу для дітей", ("uk",)),
        ("У меня нет денег на аренду, и мы не знаем, что делать", ("ru",)),
        ("У меня нет денег, потому что работа закончилась", ("ru",)),
        ("پارەم نییە بۆ کرێی خانوو", ()),
        ("Δεν έχω χρήματα για το ενοίκιο", ()),
        ("私は家賃を払うお金がありませんどうしたらいいですか", ()),
        ("Mohammed al Hassan Ibrahim", ()),
        ("huur schuld stroom deurwaarder", ()),
        ("نعم", ()),
        ("1234567890123 !!", ()),
        ("", ()),
    ],
)
def test_a_language_is_told_by_its_letters_and_words(text: str, expected: tuple[str, ...]) -> None:
    assert tongues(shipped_flow().lexicon, text) == expected


def test_under_twelve_letters_nothing_is_told() -> None:
    lexicon = shipped_flow().lexicon

    assert tongues(lexicon, "ገገገገገገ ገገገገገ") == ()
    assert tongues(lexicon, "ገገገገገገ ገገገገገገ") == ("ti",)


def test_half_of_the_letters_is_not_enough() -> None:
    lexicon = shipped_flow().lexicon

    assert tongues(lexicon, "ገገገገገገገገ xxxxxxxx") == ()
    assert tongues(lexicon, "ገገገገገገገገገ xxxxxxxx") == ("ti",)
