"""The translator: a machine in the municipality's own network that speaks as LibreTranslate does.

`POST /translate` with `q`, `source`, `target`, `format` and perhaps `api_key`, as JSON
(docs.libretranslate.com). What people said goes nowhere else: no redirect is followed, no proxy
of this machine is used, and nothing of a text or an answer gets into a log.
"""

from __future__ import annotations

import aiohttp
import msgspec

from intakebot.translating import DUTCH, Made, Unanswered

CONNECT_S, WHOLE_S = 5.0, 120.0
# A story of 10,000 characters of four bytes, twice as long in Dutch, as JSON.
ANSWER_BYTES_MAX = 1_000_000
OK, WRONG, TOO_LARGE = 200, 400, 413
ANY = "auto"  # the machine finds the language out


class _Answer(msgspec.Struct, frozen=True):
    translated: str = msgspec.field(name="translatedText")


class Translator:
    """One machine at this address, with its key if it wants one."""

    def __init__(self, address: str, key: str | None = None) -> None:
        self._address = f"{address}/translate"
        self._key = key

    async def translate(self, text: str, language: str | None) -> Made:
        """The text in Dutch; without a text when the machine refuses it for good.

        Raises `Unanswered` when it may do better later.
        """
        form = {
            "q": text,
            "source": language.partition("_")[0] if language else ANY,
            "target": DUTCH,
            "format": "text",
        }
        if self._key:
            form["api_key"] = self._key
        bounds = aiohttp.ClientTimeout(total=WHOLE_S, sock_connect=CONNECT_S)
        try:
            async with (
                aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.post(
                    self._address, json=form, timeout=bounds, allow_redirects=False
                ) as answer,
            ):
                return await _made(answer)
        except TimeoutError:
            raise Unanswered("timeout") from None
        except (aiohttp.ClientError, OSError) as fault:
            raise Unanswered(type(fault).__name__) from None


async def _made(answer: aiohttp.ClientResponse) -> Made:
    """What an answer says. 400 and 413: this language or this length it does not do."""
    if answer.status in (WRONG, TOO_LARGE):
        return Made(text=None)
    if answer.status != OK:
        raise Unanswered(f"HTTP {answer.status}")
    body = await answer.content.read(ANSWER_BYTES_MAX + 1)
    while len(body) <= ANSWER_BYTES_MAX and (more := await answer.content.read(ANSWER_BYTES_MAX)):
        body += more
    if len(body) > ANSWER_BYTES_MAX:
        raise Unanswered("too long")
    try:
        return Made(text=msgspec.json.decode(body, type=_Answer).translated.replace("\0", ""))
    except msgspec.DecodeError:
        raise Unanswered("no translation in the answer") from None
