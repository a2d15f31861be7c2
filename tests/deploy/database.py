"""PostgreSQL as deploy/several-machines.md wants it: by TCP, with a password, and with TLS.

A server that was built without TLS, as the one that comes as a wheel, is reached without.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from tests import postgres
from tests.deploy.authority import Authority
from tests.postgres import OPTIONS, Server, execute, on_a_thread

HOST = "127.0.0.1"
PASSWORD = "met-een-wachtwoord"
# Who may come in: the operator by the socket, intakebot by TLS only.
RULES = """\
local all test trust
host all test 127.0.0.1/32 trust
{how} intakebot intakebot 127.0.0.1/32 scram-sha-256
"""
ACCOUNT = f"CREATE ROLE intakebot LOGIN PASSWORD '{PASSWORD}'"
OWN = "CREATE DATABASE intakebot OWNER intakebot"
HOW_BUILT = "SELECT setting <> '' FROM pg_settings WHERE name = 'ssl_library'"
COME_IN = (
    "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'intakebot'"
)


class Reached:
    """A server at a port: its address for intakebot, and for the operator."""

    def __init__(self, server: Server, port: int, *, tls: bool, authority: Authority) -> None:
        how = f"sslmode=verify-full&sslrootcert={authority.path}" if tls else "sslmode=disable"
        self.tls, self.fall, self.start = tls, server.fall, server.start
        self.address = f"postgresql://intakebot:{PASSWORD}@{HOST}:{port}/intakebot?{how}"
        self._operator = f"postgresql://test@{HOST}:{port}/intakebot?sslmode=disable"

    async def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What stands in the store, read from outside."""
        connection = await asyncpg.connect(self._operator)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    async def is_reached_as_said(self) -> bool:
        """Whether every connection of intakebot is one with TLS, or none where there is none."""
        found = {row[0] for row in await self.rows(COME_IN)}
        return found == {self.tls}


@contextmanager
def reachable(programs: Path, authority: Authority) -> Iterator[Reached]:
    """Start a server with an account and a database for intakebot; it goes at the end."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    own = {"listen_addresses=": f"listen_addresses={HOST}"}
    options = (*(own.get(it, it) for it in OPTIONS), f"port={port}")
    with postgres.running(programs, options) as server:
        operator = f"postgresql://test@{HOST}:{port}/postgres?sslmode=disable"
        tls = on_a_thread(_ask(operator, HOW_BUILT))
        data = server.socket.parent / "data"
        if tls:
            _put_certificate(data, authority)
            on_a_thread(execute(operator, "ALTER SYSTEM SET ssl = on"))
        rules = RULES.format(how="hostssl" if tls else "host")
        (data / "pg_hba.conf").write_text(rules, "ascii")
        for sql in ("SELECT pg_reload_conf()", ACCOUNT, OWN):
            on_a_thread(execute(operator, sql))
        yield Reached(server, port, tls=bool(tls), authority=authority)


def _put_certificate(data: Path, authority: Authority) -> None:
    """Where a server looks for it, as files of whoever runs the server."""
    made, owner = authority.vouch(HOST), data.stat()
    for path, name in ((made.path, "server.crt"), (made.key, "server.key")):
        (data / name).write_bytes(path.read_bytes())
        (data / name).chmod(0o600)
        os.chown(data / name, owner.st_uid, owner.st_gid)


async def _ask(address: str, sql: str) -> object:
    connection = await asyncpg.connect(address)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()
