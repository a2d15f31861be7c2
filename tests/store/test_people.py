"""Ways in: each link once, each secret hidden, and nobody stays signed in for ever."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from intakebot.store import people, sessions, ways_back
from intakebot.store.database import Database
from intakebot.store.people import Member
from intakebot.store.vault import Vault
from intakebot.store.ways_back import Wait
from intakebot.store.work import Work
from tests.store.builders import NOW, OTHER_QUEUE, QUEUE, a_member, begin
from tests.store.raw import rows


async def signed_in(database: Database, vault: Vault) -> str:
    await database.run(lambda: people.put_member(a_member(), NOW))
    secret = await database.run(lambda: people.new_signin(vault, "fatma", NOW))
    token = await database.run(lambda: people.sign_in(vault, secret, NOW))
    assert token is not None
    return token


def who(vault: Vault, token: str, minutes: float = 0) -> Callable[[], Work[Member | None]]:
    return lambda: people.signed_in(vault, token, NOW + timedelta(minutes=minutes))


async def test_a_link_signs_in_once(database: Database, vault: Vault) -> None:
    await database.run(lambda: people.put_member(a_member(), NOW))
    secret = await database.run(lambda: people.new_signin(vault, "fatma", NOW))

    token = await database.run(lambda: people.sign_in(vault, secret, NOW))

    assert token is not None
    assert await database.run(who(vault, token)) == a_member()
    assert await database.run(lambda: people.sign_in(vault, secret, NOW)) is None
    assert await database.run(lambda: people.sign_in(vault, "made up", NOW)) is None
    assert await database.run(who(vault, secret)) is None, "a link is not a session"


async def test_a_link_holds_for_an_hour(database: Database, vault: Vault) -> None:
    await database.run(lambda: people.put_member(a_member(), NOW))
    secret = await database.run(lambda: people.new_signin(vault, "fatma", NOW))

    late = NOW + people.SIGNIN_LINK_LASTS
    assert await database.run(lambda: people.sign_in(vault, secret, late)) is None


async def test_whoever_does_nothing_for_half_an_hour_is_signed_out(
    database: Database, vault: Vault
) -> None:
    token = await signed_in(database, vault)

    assert await database.run(who(vault, token, 29))
    assert await database.run(who(vault, token, 58)), "seen at 29"
    assert await database.run(who(vault, token, 88)) is None


async def test_after_ten_hours_everybody_signs_in_again(database: Database, vault: Vault) -> None:
    token = await signed_in(database, vault)

    seen = [await database.run(who(vault, token, minutes)) for minutes in range(0, 620, 20)]

    assert [it is not None for it in seen] == [True] * 30 + [False]


async def test_signing_out_ends_it(database: Database, vault: Vault) -> None:
    token = await signed_in(database, vault)

    await database.run(lambda: people.sign_out(vault, token))

    assert await database.run(who(vault, token)) is None


async def test_a_member_who_leaves_is_signed_out_at_once(database: Database, vault: Vault) -> None:
    token = await signed_in(database, vault)
    link = await database.run(lambda: people.new_signin(vault, "fatma", NOW))

    await database.run(lambda: people.end(vault, "fatma", NOW, actor="operator"))

    assert await database.run(who(vault, token)) is None
    assert await database.run(lambda: people.sign_in(vault, link, NOW)) is None
    assert await database.read(lambda: people.load("fatma")) is None
    assert await database.read(lambda: people.by_login("fatma@example.org")) is None


async def test_queues_are_those_of_this_moment(database: Database, vault: Vault) -> None:
    token = await signed_in(database, vault)
    await database.run(lambda: people.put_member(a_member("fatma", (OTHER_QUEUE, QUEUE)), NOW))

    member = await database.run(who(vault, token))

    assert member is not None
    assert member.queues == (QUEUE, OTHER_QUEUE)


async def test_a_member_is_known_by_login(database: Database) -> None:
    await database.run(lambda: people.put_member(a_member(), NOW))
    again = a_member()
    renamed = Member(**{**vars(again), "member": "other", "name": "Fatma B."})

    assert await database.run(lambda: people.put_member(renamed, NOW)) == "fatma"
    assert [it.name for it in await database.read(people.everyone)] == ["Fatma B."]
    assert await database.read(lambda: people.load("fatma")) == await database.read(
        lambda: people.by_login("fatma@example.org")
    )


async def test_secrets_do_not_lie_in_the_database(
    database: Database, vault: Vault, path: Path
) -> None:
    token = await signed_in(database, vault)
    stored = await database.run(lambda: begin(vault))
    secrets = [
        token,
        await database.run(lambda: people.new_signin(vault, "fatma", NOW)),
        await database.run(lambda: ways_back.new_link(vault, stored, NOW)),
        await database.run(lambda: ways_back.new_code(vault, stored, NOW)),
    ]

    assert not any(it.encode() in all_bytes(path) for it in secrets)


def all_bytes(path: Path) -> bytes:
    return b"".join(it.read_bytes() for it in path.parent.glob(f"{path.name}*"))


async def test_a_link_brings_a_session_to_the_web_once(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    web, other = vault.chat("web", "-", "koekje"), vault.chat("web", "-", "dief")
    secret = await database.run(lambda: ways_back.new_link(vault, stored, NOW))

    found = await database.run(lambda: ways_back.follow_link(vault, secret, web, NOW))

    assert found is not None
    assert found.home == stored.home
    assert await database.read(lambda: sessions.open_in(vault, web)) is not None
    assert await database.run(lambda: ways_back.follow_link(vault, secret, other, NOW)) is None
    assert await database.read(lambda: sessions.open_in(vault, other)) is None


async def test_a_link_that_expired_leads_nowhere(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    web = vault.chat("web", "-", "koekje")
    secret = await database.run(lambda: ways_back.new_link(vault, stored, NOW))

    late = NOW + ways_back.WEB_LINK_LASTS
    assert await database.run(lambda: ways_back.follow_link(vault, secret, web, late)) is None


async def test_a_code_can_be_said_and_typed_in_many_ways(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    code = await database.run(lambda: ways_back.new_code(vault, stored, NOW))
    arabic = "".join(chr(0x660 + int(digit)) for digit in code)
    spaced = f"{code[:4]} {code[4:8]}-{code[8:12]}.{code[12:]}"

    for n, typed in enumerate((code, spaced, arabic, f" {code} ")):
        web = vault.chat("web", "-", f"toestel{n}")
        found = await database.run(
            lambda typed=typed, web=web: ways_back.use_code(  # type: ignore[misc]  # mypy does not see the default
                vault, typed, web, source="10.0.0.0", at=NOW
            )
        )
        assert not isinstance(found, Wait)
        assert found is not None
        assert found.home == stored.home


async def test_a_newer_code_replaces_the_older_one(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    web = vault.chat("web", "-", "koekje")
    old = await database.run(lambda: ways_back.new_code(vault, stored, NOW))
    await database.run(lambda: ways_back.new_code(vault, stored, NOW))

    assert (
        await database.run(lambda: ways_back.use_code(vault, old, web, source="x", at=NOW)) is None
    )


async def test_guessing_becomes_slower_and_slower(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    code = await database.run(lambda: ways_back.new_code(vault, stored, NOW))
    web = vault.chat("web", "-", "koekje")
    now, waits = NOW, []
    for _ in range(12):
        tried = await database.run(
            lambda now=now: ways_back.use_code(vault, "0" * 16, web, source="x", at=now)  # type: ignore[misc]  # mypy does not see the default
        )
        if isinstance(tried, Wait):
            waits.append((tried.until - now).total_seconds())
            now = tried.until
    assert waits == [30, 60, 120, 240]
    right = await database.run(
        lambda: ways_back.use_code(vault, code, web, source="x", at=now - timedelta(seconds=1))
    )
    assert isinstance(right, Wait) or right is not None
    other = await database.run(lambda: ways_back.use_code(vault, code, web, source="y", at=NOW))
    assert not isinstance(other, Wait), "another is not made to wait"
    assert other is not None


async def test_a_wait_is_a_quarter_of_an_hour_at_most_and_forgiven_after_an_hour(
    database: Database, vault: Vault
) -> None:
    web = vault.chat("web", "-", "koekje")
    now, longest = NOW, timedelta()
    for _ in range(60):
        tried = await database.run(
            lambda now=now: ways_back.use_code(vault, "1", web, source="x", at=now)  # type: ignore[misc]  # mypy does not see the default
        )
        if isinstance(tried, Wait):
            longest = max(longest, tried.until - now)
            now = tried.until
    assert longest == timedelta(minutes=15)

    later = now + timedelta(hours=1, seconds=1)
    for _ in range(ways_back.GUESSES_FREE):
        tried = await database.run(
            lambda: ways_back.use_code(vault, "1", web, source="x", at=later)
        )
        assert tried is None


async def test_what_holds_no_longer_is_forgotten(database: Database, vault: Vault) -> None:
    token = await signed_in(database, vault)
    stored = await database.run(lambda: begin(vault))
    await database.run(lambda: people.new_signin(vault, "fatma", NOW))
    await database.run(lambda: ways_back.new_link(vault, stored, NOW))
    web = vault.chat("web", "-", "koekje")
    await database.run(lambda: ways_back.use_code(vault, "1", web, source="x", at=NOW))

    await database.run(lambda: people.forget_old(NOW + timedelta(days=2)))
    await database.run(lambda: ways_back.forget_old(NOW + timedelta(days=2)))

    assert await database.run(who(vault, token)) is None
    for table in ("signin_links", "staff_sessions", "web_links", "tries"):
        assert await rows(database, f"SELECT 1 FROM {table}") == [], table  # noqa: S608 - our own
