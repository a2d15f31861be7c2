"""The reference: sayable, without look-alikes, and every usual slip is found."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intakebot.core.law.reference import ALPHABET, SYMBOLS, is_valid, make, normalised
from tests.core.law import rows

SEVEN = st.text(ALPHABET, min_size=SYMBOLS, max_size=SYMBOLS)
LOOK_ALIKES = ("0OD", "1IL", "2Z", "5S", "6G", "8B", "UV")

TYPED = """
    typed                | meant
    IB-7K3Q-9M2X         | IB-7K3Q-9M2X
    ib-7k3q-9m2x         | IB-7K3Q-9M2X
    7k3q9m2x             | IB-7K3Q-9M2X
    ib 7k3q 9m2x.        | IB-7K3Q-9M2X
    IB–7K3Q–9M2X         | IB-7K3Q-9M2X
    IB-٧K٣Q-٩M٢X         | IB-7K3Q-9M2X
    ＩＢ-７Ｋ３Ｑ-９Ｍ２Ｘ | IB-7K3Q-9M2X
    IB-7K3Q-9MZX         | IB-7K3Q-9M2X
    IB-7K3Q-9M2Y         |
    IB-7K3Q-9M2          |
    IB-7K3Q-9M2XX        |
    IB-OK3Q-9M2X         |
    ²                    |
                         |
"""


@given(seven=SEVEN)
def test_a_made_reference_is_valid_and_has_its_shape(seven: str) -> None:
    made = make(seven)

    assert is_valid(made)
    assert made == f"IB-{seven[:4]}-{seven[4:]}{made[-1]}"
    assert made[-1] in ALPHABET


@pytest.mark.parametrize("row", rows(TYPED), ids=lambda row: row[0])
def test_what_people_type_is_read(row: list[str]) -> None:
    typed, meant = row

    assert normalised(typed) == (meant or None)


def test_only_our_own_spelling_is_valid() -> None:
    assert is_valid("IB-7K3Q-9M2X")
    assert not is_valid("ib-7k3q-9m2x")
    assert not is_valid("")


@given(seven=SEVEN, place=st.integers(0, SYMBOLS), other=st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_found(seven: str, place: int, other: str) -> None:
    symbols = make(seven).removeprefix("IB-").replace("-", "")
    wrong = symbols[:place] + other + symbols[place + 1 :]

    assert (normalised(wrong) is None) == (wrong != symbols)


@given(seven=SEVEN)
def test_two_symbols_that_changed_places_are_found(seven: str) -> None:
    symbols = make(seven).removeprefix("IB-").replace("-", "")
    for one, other in combinations(range(SYMBOLS + 1), 2):
        swapped = list(symbols)
        swapped[one], swapped[other] = swapped[other], swapped[one]

        assert (normalised("".join(swapped)) is None) == (symbols[one] != symbols[other])


def test_the_alphabet_has_no_vowels_and_one_of_each_pair_of_look_alikes() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 23
    assert set(ALPHABET).isdisjoint("AEIOU")
    assert all(len(set(pair) & set(ALPHABET)) <= 1 for pair in LOOK_ALIKES)


@given(typed=st.text())
def test_whatever_is_typed_gives_a_valid_reference_or_nothing(typed: str) -> None:
    found = normalised(typed)

    assert found is None or is_valid(found)
