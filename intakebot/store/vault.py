"""Encryption: what inhabitants say is sealed before it is written, and opened after reading.

- Every session has a data key of its own. It lies in `session_keys`, wrapped by the newest key of
  the ring. Erasing that row makes every copy of what it sealed unreadable.
- Sealed bytes: version (1 byte), nonce (12 random bytes), AES-256-GCM. The table, row and field
  that they stand in are authenticated along, so that sealed bytes cannot be moved elsewhere.
- Blind indexes (HMAC-SHA256) find a row by an address, a name or a code without holding it.

All chance of the store is drawn here, from `new_bytes`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intakebot.store import queries as q
from intakebot.store.problems import StoreProblem, Unreadable
from intakebot.store.ring import KEY_BYTES, NewBytes, Ring, new_ring, read_ring, write_ring
from intakebot.store.work import Chat, Row, Work

_VERSION = b"\x01"
_NONCE_BYTES = 12
_TOKEN_BYTES = 32
# 128 bits: no two addresses will ever meet, and half the size in every key.
_BLIND_DIGITS = 32
# Sixteen decimal digits are 53 bits: sayable on the phone in any language, in groups of four.
CODE_DIGITS = 16
_CANARY = b"intakebot"


class DataKey:
    """The key of one session; seals and opens what belongs to it."""

    __slots__ = ("_cipher", "_new_bytes", "_session")

    def __init__(self, session: str, key: bytes, new_bytes: NewBytes) -> None:
        self._session = session
        self._cipher = AESGCM(key)
        self._new_bytes = new_bytes

    def seal(self, table: str, row: str, plain: bytes) -> bytes:
        """These bytes, sealed for this row of this table and for no other."""
        nonce = self._new_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, self._about(table, row))

    def open(self, table: str, row: str, sealed: bytes) -> bytes:
        """What was sealed for this row; raises `Unreadable` when it was not, or was changed."""
        return _opened(self._cipher, sealed, self._about(table, row))

    def _about(self, table: str, row: str) -> bytes:
        return f"{table}|{self._session}|{row}|1".encode()


class Wrapped(NamedTuple):
    """A data key as it lies in session_keys."""

    kid: str
    wrapped: bytes


class Vault:
    """The key ring at work."""

    def __init__(
        self, ring: Ring, new_bytes: NewBytes, read_again: Callable[[], Ring | None] | None = None
    ) -> None:
        self._ciphers = {key.kid: AESGCM(key.key) for key in ring.keys}
        self.newest = ring.keys[-1].kid
        self._blind = ring.blind
        self._audit = ring.audit
        self._new_bytes = new_bytes
        self._read_again = read_again

    @property
    def kids(self) -> frozenset[str]:
        """The keys that it has."""
        return frozenset(self._ciphers)

    def renew(self) -> None:
        """Take over the keys that the ring got since it was read; another ring is left alone.

        A program that serves calls it now and then, and a key that it does not know makes it look:
        so `rotate-keys` needs no restart.
        """
        if self._read_again is None:
            return
        try:
            ring = self._read_again()
        except StoreProblem:
            return  # what was read before goes on working; `doctor` says what is wrong
        if ring is None or (ring.blind, ring.audit) != (self._blind, self._audit):
            return
        self._ciphers = {key.kid: AESGCM(key.key) for key in ring.keys}
        self.newest = ring.keys[-1].kid

    def new_key(self, session: str) -> tuple[DataKey, Wrapped]:
        """A data key for a new session, and what of it may be written."""
        key = self._new_bytes(KEY_BYTES)
        return DataKey(session, key, self._new_bytes), self._wrap(session, key)

    def unwrap(self, session: str, kid: str, wrapped: bytes) -> DataKey:
        """The data key of this session; raises `Unreadable` when the ring does not open it."""
        return DataKey(session, self._unwrapped(session, kid, wrapped), self._new_bytes)

    def rewrap(self, session: str, kid: str, wrapped: bytes) -> Wrapped:
        """The data key wrapped by the newest key of the ring."""
        return self._wrap(session, self._unwrapped(session, kid, wrapped))

    def seal(self, table: str, row: str, plain: bytes) -> Wrapped:
        """Bytes that belong to no session, sealed by the ring itself."""
        return Wrapped(self.newest, self._seal(f"{table}||{row}|1", plain))

    def open(self, table: str, row: str, kid: str, sealed: bytes) -> bytes:
        """What the ring sealed for this row."""
        return _opened(self._cipher(kid), sealed, f"{table}||{row}|1".encode())

    def chat(self, channel: str, bot: str, address: str) -> Chat:
        """The chat with this plain address, as the store knows it."""
        return Chat(channel, bot, self.blind("chat", channel, bot, address), address)

    def blind(self, kind: str, *words: str) -> str:
        """The blind index of these words: the same for the same words, and says nothing else."""
        told = "\x1f".join((kind, *words)).encode()
        return hmac.new(self._blind, told, sha256).hexdigest()[:_BLIND_DIGITS]

    def sign(self, told: bytes) -> str:
        """The signature of the audit under these bytes."""
        return hmac.new(self._audit, told, sha256).hexdigest()

    def pseudonym(self, session: str) -> str:
        """How the audit calls a session: known again by the ring, and says nothing else."""
        return self.sign(b"about|" + session.encode())[:_BLIND_DIGITS]

    def new_token(self) -> str:
        """A secret for a link or a cookie: 256 bits, in letters that survive any address."""
        return self._new_bytes(_TOKEN_BYTES).hex()

    def new_code(self) -> str:
        """A secret that can be said aloud: sixteen digits, 53 bits."""
        number = int.from_bytes(self._new_bytes(_TOKEN_BYTES))  # 256 bits: no digit is favoured
        return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"

    def canaries(self) -> tuple[Wrapped, ...]:
        """A proof for each key of the ring, which also holds for the blind and audit keys."""
        return tuple(
            Wrapped(kid, self._seal(f"canaries||{kid}|1", self._proof(), kid))
            for kid in self._ciphers
        )

    def knows(self, kid: str, sealed: bytes) -> bool:
        """Whether this proof was made with the same ring."""
        if kid not in self._ciphers:
            return False
        try:
            return self.open("canaries", kid, kid, sealed) == self._proof()
        except Unreadable:
            return False

    def _proof(self) -> bytes:
        return b"|".join((_CANARY, self.blind("canary").encode(), self.sign(_CANARY).encode()))

    def _cipher(self, kid: str) -> AESGCM:
        if kid not in self._ciphers:
            self.renew()
        try:
            return self._ciphers[kid]
        except KeyError:
            raise Unreadable(f"the key ring has no key {kid}") from None

    def _seal(self, about: str, plain: bytes, kid: str | None = None) -> bytes:
        nonce = self._new_bytes(_NONCE_BYTES)
        cipher = self._ciphers[kid or self.newest]
        return _VERSION + nonce + cipher.encrypt(nonce, plain, about.encode())

    def _wrap(self, session: str, key: bytes) -> Wrapped:
        return Wrapped(self.newest, self._seal(f"{session}|{self.newest}", key))

    def _unwrapped(self, session: str, kid: str, wrapped: bytes) -> bytes:
        return _opened(self._cipher(kid), wrapped, f"{session}|{kid}".encode())


def _opened(cipher: AESGCM, sealed: bytes, about: bytes) -> bytes:
    if sealed[:1] != _VERSION or len(sealed) <= 1 + _NONCE_BYTES:
        raise Unreadable("sealed in a way that this program does not know")
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], about)
    except InvalidTag:
        raise Unreadable("sealed for another row, changed, or of another key") from None


def open_vault(
    path: Path, canaries: Sequence[Wrapped], *, new_bytes: NewBytes, today: date
) -> Vault:
    """The vault of the ring in this file; makes the ring when nothing was ever sealed.

    Raises `StoreProblem` when the ring is missing, readable by others, or not the one that the
    database was written with (*canaries*: `read_canaries`). Call `write_canaries` after it.
    """
    ring = read_ring(path)
    if ring is None:
        if canaries:
            raise StoreProblem(
                str(path),
                f"The key ring is missing; the database is sealed with {_kids(canaries)}.",
                "Put the ring of your backup here; without it nothing can be read.",
            )
        ring = new_ring(new_bytes, today)
        write_ring(path, ring)
    vault = Vault(ring, new_bytes, lambda: read_ring(path))
    strange = [canary for canary in canaries if not vault.knows(*canary)]
    if strange:
        raise StoreProblem(
            str(path),
            f"This is not the key ring of this database, which is sealed with {_kids(strange)}.",
            "Put the ring that belongs to it here, or let INTAKEBOT_STATE name its own folder.",
        )
    return vault


def _kids(canaries: Sequence[Wrapped]) -> str:
    return ", ".join(sorted(canary.kid for canary in canaries))


def read_canaries() -> Work[tuple[Wrapped, ...]]:
    """The proofs in the database, one for each key that it was ever opened with."""
    rows: list[Row] = yield q.canaries()
    return tuple(Wrapped(row["kid"], row["sealed"]) for row in rows)


def write_canaries(vault: Vault) -> Work[None]:
    """Write a proof for each key of the ring that has none yet."""
    for canary in vault.canaries():
        yield q.add_canary(kid=canary.kid, sealed=canary.wrapped)
