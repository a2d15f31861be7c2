"""The key ring is guarded, and what is sealed opens in its own place and nowhere else."""

import random
from datetime import date
from pathlib import Path

import pytest

from intakebot.store import ring
from intakebot.store.database import Database
from intakebot.store.problems import StoreProblem, Unreadable
from intakebot.store.vault import Vault, Wrapped, open_vault, read_canaries, write_canaries

TODAY = date(2026, 11, 23)
new_bytes = random.Random(11).randbytes  # noqa: S311 - the same chance in every run


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def canaries() -> list[Wrapped]:
    return []


def start(keys: Path, canaries: list[Wrapped]) -> Vault:
    """What the program does when it starts; *canaries* stand in for the database."""
    vault = open_vault(keys, canaries, new_bytes=new_bytes, today=TODAY)
    known = {it.kid for it in canaries}
    canaries.extend(it for it in vault.canaries() if it.kid not in known)
    return vault


def test_the_first_start_makes_a_ring_that_its_owner_may_read(
    keys: Path, canaries: list[Wrapped]
) -> None:
    start(keys, canaries)

    assert oct(keys.stat().st_mode & 0o777) == "0o400"
    assert [it.name for it in keys.parent.glob(".*")] == []


def test_the_next_start_opens_what_the_first_one_sealed(
    keys: Path, canaries: list[Wrapped]
) -> None:
    key, wrapped = (start(keys, canaries)).new_key("s")
    sealed = key.seal("sessions", "s", b"verhaal")

    again = start(keys, canaries)

    assert again.unwrap("s", *wrapped).open("sessions", "s", sealed) == b"verhaal"


def test_a_missing_ring_is_not_replaced_by_a_new_one(keys: Path, canaries: list[Wrapped]) -> None:
    start(keys, canaries)
    keys.unlink()

    with pytest.raises(StoreProblem) as problem:
        start(keys, canaries)

    assert "The key ring is missing" in problem.value.what
    assert problem.value.remedy.startswith("Put the ring of your backup here")
    assert not keys.exists()


def test_another_ring_is_refused(keys: Path, canaries: list[Wrapped]) -> None:
    start(keys, canaries)
    keys.unlink()
    ring.write_ring(keys, ring.new_ring(new_bytes, TODAY))

    with pytest.raises(StoreProblem, match="not the key ring of this database"):
        start(keys, canaries)


def test_a_ring_with_the_right_keys_and_another_blind_key_is_refused(
    keys: Path, canaries: list[Wrapped]
) -> None:
    start(keys, canaries)
    known = ring.read_ring(keys)
    assert known is not None
    keys.unlink()
    other = ring.Ring(keys=known.keys, blind=bytes(32), audit=known.audit)
    ring.write_ring(keys, other)

    with pytest.raises(StoreProblem, match="not the key ring of this database"):
        start(keys, canaries)


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o600 | 0o020, 0o644, 0o777])
def test_a_ring_that_others_can_use_is_refused(
    keys: Path, canaries: list[Wrapped], mode: int
) -> None:
    start(keys, canaries)
    keys.chmod(mode)

    with pytest.raises(StoreProblem) as problem:
        start(keys, canaries)

    assert problem.value.remedy == f"Run: chmod 400 {keys}"


@pytest.mark.parametrize("content", ["", "{}", '{"schema":"intakebot-keys/1","keys":[]}', "\x00"])
def test_half_a_ring_is_refused(keys: Path, canaries: list[Wrapped], content: str) -> None:
    keys.write_text(content)
    keys.chmod(0o600)

    with pytest.raises(StoreProblem, match="not a whole key ring"):
        start(keys, canaries)


def test_a_ring_that_cannot_be_written_is_told(keys: Path) -> None:
    with pytest.raises(StoreProblem, match="cannot be written"):
        start(keys.parent / "nowhere" / "keys.json", [])


def test_a_ring_that_cannot_be_read_is_told(keys: Path, canaries: list[Wrapped]) -> None:
    keys.mkdir(mode=0o700)

    with pytest.raises(StoreProblem, match="cannot be read"):
        start(keys, canaries)


def test_a_ring_is_never_written_over(keys: Path) -> None:
    first = ring.new_ring(new_bytes, TODAY)
    ring.write_ring(keys, first)

    with pytest.raises(StoreProblem, match="cannot be written"):
        ring.write_ring(keys, ring.new_ring(new_bytes, TODAY))

    assert ring.read_ring(keys) == first


def test_older_keys_of_the_ring_go_on_opening_and_the_newest_wraps() -> None:
    old = ring.new_ring(new_bytes, TODAY)
    key, wrapped = Vault(old, new_bytes).new_key("s")
    sealed = key.seal("sessions", "s", b"verhaal")
    new = Vault(ring.with_new_key(old, new_bytes, TODAY), new_bytes)

    assert new.unwrap("s", *wrapped).open("sessions", "s", sealed) == b"verhaal"
    again = new.rewrap("s", *wrapped)
    assert again.kid != wrapped.kid
    assert new.unwrap("s", *again).open("sessions", "s", sealed) == b"verhaal"


def test_sealed_bytes_open_nowhere_else(vault: Vault) -> None:
    key, wrapped = vault.new_key("s")
    other, _ = vault.new_key("t")
    sealed = key.seal("messages", "1:0", b"verhaal")

    assert key.open("messages", "1:0", sealed) == b"verhaal"
    for somewhere in (("messages", "1:1"), ("notes", "1:0")):
        with pytest.raises(Unreadable):
            key.open(*somewhere, sealed)
    with pytest.raises(Unreadable):
        other.open("messages", "1:0", sealed)
    with pytest.raises(Unreadable):
        vault.unwrap("t", *wrapped)
    with pytest.raises(Unreadable):
        vault.unwrap("s", "another", wrapped.wrapped)


def test_a_single_changed_bit_is_noticed(vault: Vault) -> None:
    key, _ = vault.new_key("s")
    sealed = key.seal("notes", "1", b"verhaal")

    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Unreadable):
            key.open("notes", "1", bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises(Unreadable):
            key.open("notes", "1", sealed[:length])


def test_the_same_words_are_sealed_differently_each_time(vault: Vault) -> None:
    key, _ = vault.new_key("s")

    assert len({key.seal("notes", "1", b"verhaal") for _ in range(100)}) == 100


def test_a_blind_index_is_the_same_for_the_same_words_only(vault: Vault) -> None:
    assert vault.chat("telegram", "7", "42") == vault.chat("telegram", "7", "42")
    keys = {
        vault.chat(*told).key
        for told in (("telegram", "7", "42"), ("web", "7", "42"), ("telegram", "74", "2"))
    }
    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)
    assert vault.blind("a", "b", "c") != vault.blind("a", "bc")


def test_a_code_is_sixteen_digits_each_as_likely_as_the_other(vault: Vault) -> None:
    codes = [vault.new_code() for _ in range(2_000)]

    assert all(len(code) == 16 and code.isdigit() for code in codes)
    assert len(set(codes)) == 2_000
    for digit in "0123456789":
        assert 2_700 < sum(code.count(digit) for code in codes) < 3_700


def test_a_proof_of_another_ring_is_not_known(vault: Vault) -> None:
    mine = vault.canaries()[0]

    assert vault.knows(*mine)
    assert not vault.knows("another", mine.wrapped)
    assert not vault.knows(mine.kid, mine.wrapped[:-1] + b"\x00")
    assert vault.knows(*Wrapped(mine.kid, mine.wrapped))


async def test_proofs_lie_in_the_database_once(database: Database, vault: Vault) -> None:
    for _ in range(2):
        await database.run(lambda: write_canaries(vault))

    [proof] = await database.read(read_canaries)

    assert vault.knows(*proof)
