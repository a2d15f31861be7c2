"""queries.sql: every query is used, every call is right, and every one runs on this schema."""

import ast
import re
import sqlite3
from pathlib import Path

import pytest

from intakebot.store import queries, schema

# What is not asked in a turn of a conversation: by the outbox, by jobs, by members, by operators.
NOT_OF_A_TURN = re.compile(
    r"^(forget_|poisons$|sessions_waiting$|line$|mark_line$|close_gap$|attachments_to_fetch$|keyless$|sessions_to_|session_keys_to_|messages_|claim_|next_|hold_|release_|drop_"
    r"|all_|newest_|oldest_|kids_|list_|count_|scope|request$|request_by_|take_|give_back|parts_to_|erased_|free_|lease_owners$)"
)
HOT_TABLES = (
    "updates",
    "poisons",
    "chats",
    "sessions",
    "session_keys",
    "messages",
    "attachments",
    "requests",
    "parts",
    "notes",
    "names",
)


def asked(node: ast.AST) -> str | None:
    """The name in `q.name`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.value.id == "q" else None
    return None


@pytest.fixture(scope="module")
def calls(root: Path) -> dict[str, list[ast.Call]]:
    """Every `q.name(…)` in the store."""
    found: dict[str, list[ast.Call]] = {}
    for path in (root / "intakebot/store").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (name := asked(node.func)):
                found[name] = [*found.get(name, []), node]
            elif name := asked(node):
                found.setdefault(name, [])
    return found


def test_every_query_is_asked_and_every_question_exists(
    calls: dict[str, list[ast.Call]],
) -> None:
    assert sorted(calls) == sorted(queries.ALL)


def test_every_call_names_values_of_its_query(calls: dict[str, list[ast.Call]]) -> None:
    """Those that are spread from a dict are held against the query when they are made."""
    for name, found in calls.items():
        for call in found:
            named = {keyword.arg for keyword in call.keywords if keyword.arg}
            spread = any(keyword.arg is None for keyword in call.keywords)
            expected = queries.ALL[name].values
            assert named <= expected if spread else named == expected, name


def test_a_call_with_other_values_is_our_mistake() -> None:
    with pytest.raises(AssertionError, match="scope: \\['member', 'nobody'\\]"):
        queries.scope(nobody=1)


def test_a_query_that_does_not_exist_is_our_mistake() -> None:
    with pytest.raises(AttributeError, match="no query called marsupilami"):
        queries.marsupilami()


@pytest.mark.parametrize("name", sorted(queries.ALL))
def test_a_query_runs_on_this_schema(name: str) -> None:
    query = queries.ALL[name]
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema.as_script())
    values = dict.fromkeys(query.values, 1)

    connection.execute(f"EXPLAIN {query.sql}", values).fetchall()

    connection.close()


@pytest.mark.parametrize("name", sorted(it for it in queries.ALL if not NOT_OF_A_TURN.match(it)))
def test_what_a_turn_asks_holds_the_chat_key(name: str) -> None:
    """So that one chat can live on one machine, whatever the number of machines."""
    query = queries.ALL[name]
    words = set(re.findall(r"\w+", query.sql))
    if words & set(HOT_TABLES):
        assert {"channel", "bot", "chat"} <= query.values or "home_chat" in query.values


def test_what_members_ask_holds_their_scope() -> None:
    """Every query that takes a member and speaks of requests looks in `scopes`."""
    for name, query in queries.ALL.items():
        if "member" in query.values and re.search(r"\brequests\b", query.sql):
            inside = "queue IN (SELECT queue FROM scopes WHERE member = :member)" in query.sql
            assert inside or name.startswith("give_back_"), name


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("claim_messages", "ix_messages_unsent"),
        ("next_message_at", "ix_messages_unsent"),
        ("free_leases", "ix_messages_unsent"),
        ("lease_owners", "ix_messages_unsent"),
        ("sessions_to_remind", "ix_sessions_remind_at"),
        ("sessions_to_expire", "ix_sessions_expire_at"),
        ("attachments_to_fetch", "ix_attachments_to_fetch"),
        ("list_queue", "ix_requests_queue"),
        ("count_queue", "ix_requests_queue"),
        ("list_ended", "ix_requests_ended"),
        ("parts_to_erase", "ix_parts_keep_until"),
        ("audit_about", "ix_audit_about"),
        ("forget_updates", "ix_updates_received_at"),
        ("forget_loose_messages", "ix_messages_loose"),
        ("erasures_to_wipe", "ix_erasures_to_wipe"),
    ],
)
def test_a_query_over_many_rows_goes_by_its_index(name: str, index: str) -> None:
    query = queries.ALL[name]
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema.as_script())
    values = dict.fromkeys(query.values, 1)

    plan = connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", values).fetchall()

    connection.close()
    assert any(index in step[3] for step in plan), plan
    page = [step[3] for step in plan].index("SCAN r") if name.startswith("list_") else 0
    assert not any("TEMP B-TREE" in step[3] for step in plan[:page]), "the page comes in order"


# Read from end to end: by an operator's command, or because it stays small whatever comes in.
SCANS = {
    "all_attachments": "doctor, backup",
    "all_members": "few",
    "canaries": "few",
    "claim_translations": "few: what waits; what is done is gone",
    "count_older_keys": "rotate-keys",
    "count_poisons": "few",
    "drop_held_messages": "release",
    "forget_paces": "few: each lasts some minutes",
    "drop_signin_links": "few: each lasts an hour",
    "drop_ways_in": "few: each lasts a day",
    "erased_but_here": "restore",
    "forget_poisons": "few",
    "forget_signin_links": "few",
    "forget_staff_sessions": "few",
    "forget_tries": "few: each lasts a day",
    "forget_web_links": "few: each lasts a day",
    "keyless": "restore",
    "kids_in_use": "doctor, rotate-keys",
    "last_rotation": "doctor",
    "messages_in_state": "doctor",
    "poisons": "few",
    "release_messages": "release",
    "session_keys_to_rewrap": "rotate-keys",
}


@pytest.mark.parametrize("name", sorted(queries.ALL))
def test_only_what_is_rare_or_small_is_read_from_end_to_end(name: str) -> None:
    """So that a turn, a tick and a page take as long among a million requests as among few."""
    query = queries.ALL[name]
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema.as_script())
    few = {
        name
        for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE sql <> ''")
        if sql.startswith("CREATE INDEX") and " WHERE " in sql
    }
    values = dict.fromkeys(query.values, 1)

    plan = connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", values).fetchall()

    connection.close()
    steps = [step[3].split() for step in plan if step[3].startswith("SCAN")]
    bounded = {"CONSTANT", "counted", "place", *(["r"] if "WITH page AS" in query.sql else [])}
    read = [it for it in steps if it[1] not in bounded and it[-1] not in few]
    newest = name == "newest_moments" and "LIMIT 1" in query.sql  # the last row of the audit
    assert bool(read) == (name in SCANS) or newest, plan


@pytest.mark.parametrize("name", sorted(queries.ALL))
def test_no_query_looks_at_all_that_a_bot_ever_had(name: str) -> None:
    """Who seeks by channel and bot alone goes by an index of the few rows that wait."""
    query = queries.ALL[name]
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema.as_script())
    values = dict.fromkeys(query.values, 1)

    plan = connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", values).fetchall()

    connection.close()
    wide = [
        step[3]
        for step in plan
        if re.search(r"\(channel=\? AND bot=\?( AND \w+[<>]\?)*\)", step[3])
    ]
    waiting = r" (ix_\w+_(unsent|to_fetch|waiting)|sqlite_autoindex_lines_1) "
    assert [step for step in wide if not re.search(waiting, step)] == []
