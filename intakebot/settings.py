"""Settings: read once, from the environment (`INTAKEBOT_*`), an env file, or files for secrets.

A missing or wrong setting stops the start with one sentence: where, what, remedy.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

POSTGRESQL = ("postgresql", "postgres")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsProblem(Exception):
    """A setting that stops the start; the message is one sentence for the operator."""


class Settings(BaseSettings):
    """Everything that an installation chooses, by the name after `INTAKEBOT_`."""

    model_config = SettingsConfigDict(env_prefix="INTAKEBOT_", extra="ignore", frozen=True)

    # State folder: database, keys, attachments.
    state: Path = Path("state")
    # `sqlite:///path`, `postgresql://…`, or empty for `intakebot.sqlite` in the state folder.
    database: str = Field(default="", repr=False)  # may hold a password
    # host:port of the one port.
    listen: str = "127.0.0.1:8080"
    # YAML file of the municipalities, teams and numbers; absent: the sample region.
    region: Path | None = None
    # Folder of recorded questions; absent: the device's own voice only.
    recordings: Path | None = None
    # Proxies whose X-Forwarded-For is believed: addresses or networks, a comma between them.
    trusted_proxies: str = "127.0.0.1,::1"
    # Address that people reach; needed for links outside loopback.
    public_url: str = ""
    # Token of the Telegram bot; absent: no Telegram.
    telegram_token: SecretStr | None = None
    # Base address of the Bot API server, without `/bot`.
    telegram_api: str = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    # No default: with a token it must be chosen, as the municipality decided in its DPIA.
    telegram_scope: Literal["full", "short", "front-door"] | None = None
    # Messages a second to one chat and from one bot (core.telegram.org/bots/faq).
    telegram_chat_per_second: float = 1.0
    telegram_bot_per_second: float = 25.0
    # A machine in the own network that puts stories in Dutch, as LibreTranslate; absent: none.
    translator: str = ""
    translator_key: SecretStr | None = None
    # Key ring; made at first start only when the database holds no canary of an older key.
    keys_file: Path | None = None

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        _, _, port = value.rpartition(":")
        if not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - highest port number
            msg = "must be host:port, for example 127.0.0.1:8080"
            raise ValueError(msg)
        return value

    @field_validator("recordings", mode="before")
    @classmethod
    def _folder(cls, value: Path | str | None) -> Path | str | None:
        if value in (None, ""):
            return None
        if not Path(value).is_dir():
            msg = "must be a folder, with files such as verhaal.nl.mp3"
            raise ValueError(msg)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        try:
            _ = [ip_network(one) for one in _listed(value)]
        except ValueError:
            msg = "must hold addresses or networks, such as 127.0.0.1,10.0.0.0/8"
            raise ValueError(msg) from None
        return ",".join(_listed(value))

    @field_validator("database")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if "://" in value and urlsplit(value).scheme not in ("sqlite", *POSTGRESQL):
            msg = "must be empty, sqlite:///path, or postgresql://user:password@host/name"
            raise ValueError(msg)
        return value

    @field_validator("public_url", "telegram_api")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            msg = "must begin with https:// (or http:// on loopback)"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("translator")
    @classmethod
    def _own_network(cls, value: str) -> str:
        parts = urlsplit(value)
        in_the_clear = parts.scheme == "http" and _is_near(parts.hostname or "")
        if value and not (parts.hostname and (parts.scheme == "https" or in_the_clear)):
            msg = (
                "must begin with https://, or with http:// and an address of your own network:"
                " stories go there"
            )
            raise ValueError(msg)
        return value.rstrip("/")

    @model_validator(mode="after")
    def _telegram_is_chosen(self) -> Settings:
        if self.telegram_token is None:
            return self
        if self.telegram_scope is None:
            msg = (
                "INTAKEBOT_TELEGRAM_SCOPE is missing. Choose full, short or front-door, as the "
                "municipality decided in its DPIA"
            )
            raise ValueError(msg)
        if self.telegram_mode == "webhook" and not self._reachable():
            msg = (
                "INTAKEBOT_PUBLIC_URL must begin with https:// for INTAKEBOT_TELEGRAM_MODE=webhook "
                "(http only on loopback). Set it to the address that Telegram reaches"
            )
            raise ValueError(msg)
        if self.telegram_scope != "full" and not self.base_url:
            msg = "INTAKEBOT_PUBLIC_URL is missing. Links to the web chat need it"
            raise ValueError(msg)
        return self

    def _reachable(self) -> bool:
        parts = urlsplit(self.base_url)
        return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)

    @property
    def host(self) -> str:
        """The host of `listen`."""
        return self.listen.rpartition(":")[0].strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        """The port of `listen`."""
        return int(self.listen.rpartition(":")[2])

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The proxies that are trusted, as networks."""
        return tuple(ip_network(one) for one in _listed(self.trusted_proxies))

    @property
    def base_url(self) -> str:
        """Where links point: the public address, or on loopback the address we listen on."""
        if self.public_url:
            return self.public_url
        return f"http://{self.listen}" if self.host in LOOPBACK else ""

    @property
    def on_postgresql(self) -> bool:
        """Whether the data lies on a PostgreSQL server, at the address `database`."""
        return urlsplit(self.database).scheme in POSTGRESQL

    @property
    def database_place(self) -> Path | str:
        """The SQLite file, or the address of the server."""
        return self.database if self.on_postgresql else self.database_path

    @property
    def database_path(self) -> Path:
        """The SQLite file. Raises `SettingsProblem` when the data lies on a server."""
        if self.on_postgresql:
            msg = (
                "INTAKEBOT_DATABASE names a PostgreSQL server, and this command is for SQLite. "
                "Use the tools of PostgreSQL, as deploy/README.md says."
            )
            raise SettingsProblem(msg)
        if self.database:
            return Path(self.database.removeprefix("sqlite:///"))
        return self.state / "intakebot.sqlite"

    @property
    def keys_path(self) -> Path:
        """The key ring."""
        return self.keys_file or self.state / "keys.json"


def _is_near(host: str) -> bool:
    """Whether this host is in our own network: a private address, or a name without a domain."""
    try:
        found = ip_address(host)
    except ValueError:
        return bool(host) and "." not in host
    return found.is_loopback or (found.is_private and not found.is_unspecified)


def _listed(value: str) -> list[str]:
    return [one.strip() for one in value.split(",") if one.strip()]


def read(env_file: Path | None = None, secrets: Path | None = None) -> Settings:
    """The settings of this installation; raises `SettingsProblem` with one sentence."""
    try:
        return Settings(_env_file=env_file, _secrets_dir=secrets)  # type: ignore[call-arg]  # theirs
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        what = first["msg"].removeprefix("Value error, ")
        where = f"INTAKEBOT_{name}: " if name else ""
        remedy = (
            "" if what.startswith("INTAKEBOT_") else " Set it in the environment or the env file."
        )
        sentence = f"{where}{what}.{remedy}"
        raise SettingsProblem(sentence) from None
