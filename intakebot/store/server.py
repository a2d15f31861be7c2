"""What a PostgreSQL server says of itself: whether it keeps what it is given. It reads no row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intakebot.store import postgres, schema

# What is said to a server on the same machine passes no network.
_SETTINGS = """SELECT current_setting('server_version_num')::int AS version,
  pg_is_in_recovery() AS reads_only,
  current_setting('fsync')::bool AND current_setting('full_page_writes')::bool AS durable,
  current_setting('data_checksums')::bool AS checksums,
  COALESCE((SELECT checksum_failures FROM pg_stat_database
    WHERE datname = current_database()), 0) AS damaged,
  COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)
    OR inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8'
    OR inet_server_addr() = '::1' AS private,
  clock_timestamp() AS now"""
_BROKEN = """SELECT i.relname AS name FROM pg_index x
  JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE NOT (x.indisvalid AND x.indisready) AND t.relname = ANY($1)
UNION SELECT conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
WHERE NOT c.convalidated AND t.relname = ANY($1) ORDER BY name"""
_TRIGGERS = """SELECT COUNT(*) FROM pg_trigger
WHERE tgrelid = to_regclass('audit') AND NOT tgisinternal AND tgenabled IN ('O', 'A')
  AND tgname IN ('audit_is_never_changed', 'audit_is_never_shortened')"""
_GUARDS = 2


@dataclass(frozen=True, kw_only=True)
class ServerHealth:
    """What is right and wrong with a server, as far as it knows."""

    version: int  # 150004: 15.4
    reads_only: bool  # a standby
    durable: bool  # it waits for its disk
    checksums: bool
    damaged: int  # pages whose checksum did not fit, since its counters were reset
    private: bool  # nobody between us can listen
    now: datetime
    broken: tuple[str, ...]  # indexes and constraints that are not to be relied on
    guarded: bool  # it refuses to change the audit


async def look(address: str) -> ServerHealth:
    """Ask it. Raises `StoreProblem` when it cannot be reached."""
    ours = list(schema.names())
    async with postgres.connected(address) as connection:
        said = await connection.fetchrow(_SETTINGS)
        broken = await connection.fetch(_BROKEN, ours)
        guards = await connection.fetchval(_TRIGGERS)
        there = await postgres.version(connection) is not None
    assert said is not None, "it is one row whatever is stored"
    return ServerHealth(
        **dict(said),
        broken=tuple(row["name"] for row in broken),
        guarded=guards == _GUARDS or not there,
    )
