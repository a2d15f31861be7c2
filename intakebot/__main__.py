"""The commands: `python -m intakebot COMMAND`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from intakebot import app, commands, members, settings, workers
from intakebot.content.files import NoFlowFile, UnusableRegion
from intakebot.core.law.clocks import ZONE
from intakebot.keeping import commands as keeping
from intakebot.store.problems import StoreProblem

OPERATOR_ERROR = 2
# What an operator can mend; the message says how.
MENDED_BY_OPERATOR = (
    settings.SettingsProblem,
    StoreProblem,
    commands.CommandProblem,
    members.MemberProblem,
    NoFlowFile,
    UnusableRegion,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; an operator's mistake is one sentence and exit code 2."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except MENDED_BY_OPERATOR as problem:
        sys.stderr.write(f"{problem}\n")
        return OPERATOR_ERROR
    except KeyboardInterrupt:
        return 0


def _run(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "talk":
            return commands.talk(
                language=chosen.lang, at=chosen.now, flow=chosen.flow, as_json=chosen.json
            )
        case "check":
            return commands.check(chosen.file)
        case _:
            chosen_settings = settings.read(chosen.env_file, chosen.secrets)
            return asyncio.run(_with_store(chosen, chosen_settings))


async def _with_store(chosen: argparse.Namespace, known: settings.Settings) -> int:
    match chosen.command:
        case "serve":
            return await _serve(chosen, known)
        case "migrate":
            return await commands.migrate(known)
        case "signin":
            return await commands.signin(known, chosen.who)
        case "member":
            return await _member(chosen, known)
        case "export":
            return await commands.export(known, chosen.reference)
        case "replay":
            return await commands.replay(known, chosen.update, everything=chosen.all)
        case name if name in keeping.NAMES:
            return await keeping.run(chosen, known)
        case _:
            return await commands.forget(known, chosen.reference)


async def _serve(chosen: argparse.Namespace, known: settings.Settings) -> int:
    if chosen.place is not None:
        return await app.work(known, chosen.place)
    if chosen.workers == 1:
        return await app.serve(known, sample=chosen.sample)
    words = [sys.executable, "-m", "intakebot"]
    words += [] if chosen.env_file is None else ["--env-file", str(chosen.env_file)]
    words += [] if chosen.secrets is None else ["--secrets", str(chosen.secrets)]
    command = [*words, "serve", "--place"]
    return await workers.serve(known, sample=chosen.sample, count=chosen.workers, command=command)


async def _member(chosen: argparse.Namespace, known: settings.Settings) -> int:
    queues = None if chosen.queue is None else tuple(chosen.queue)
    wanted = members.Wanted(
        login=chosen.login or "", name=chosen.name, phone=chosen.phone, queues=queues
    )
    match chosen.action:
        case "list":
            return await members.list_all(known)
        case "add":
            return await members.add(known, wanted)
        case "change":
            return await members.change(known, wanted)
        case _:
            return await members.end(known, wanted.login)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m intakebot",
        description="One entry, one story told once, one contact person.",
    )
    parser.add_argument("--env-file", type=Path, help="file with INTAKEBOT_* settings")
    parser.add_argument("--secrets", type=Path, help="folder with one file per secret setting")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve web chat, inbox and Telegram on one port")
    serve.add_argument("--sample", action="store_true", help="seed the sample region first")
    serve.add_argument(
        "--workers", type=_count, default=1, metavar="N", help="so many processes, on PostgreSQL"
    )
    serve.add_argument("--place", type=app.Place.read, help=argparse.SUPPRESS)
    talk = commands.add_parser("talk", help="try the whole intake in this terminal")
    talk.add_argument("--lang", help="answer the language picker: nl, nl-A2, en, ar")
    talk.add_argument("--now", type=_moment, help="pretend that it is this moment (ISO 8601)")
    talk.add_argument("--flow", type=Path, help="a flow file instead of the shipped one")
    talk.add_argument("--json", action="store_true", help="speak JSON lines, for scripts")
    check = commands.add_parser("check", help="report every problem of a flow or region file")
    check.add_argument("file", type=Path, metavar="FILE")
    commands.add_parser("migrate", help="bring the database to this version")
    signin = commands.add_parser("signin", help="print a one-time sign-in link for a member")
    signin.add_argument("who", metavar="WHO", help="e-mail address or name of the member")
    member = commands.add_parser("member", help="list, add, change or end members of teams")
    member.add_argument("action", choices=("list", "add", "change", "end"))
    member.add_argument("login", metavar="LOGIN", nargs="?", help="e-mail address or name")
    member.add_argument("--name", help="name, as inhabitants read it")
    member.add_argument("--phone", help="number for inhabitants to call; empty: none")
    member.add_argument("--queue", action="append", help="a queue to read, or all; again for more")
    export = commands.add_parser("export", help="print one request as JSON")
    export.add_argument("reference", metavar="REFERENCE")
    replay = commands.add_parser("replay", help="list or retry updates that broke the program")
    replay.add_argument("update", metavar="UPDATE", nargs="?", help="take this one in again")
    replay.add_argument("--all", action="store_true", help="take all of them in again")
    forget = commands.add_parser("forget", help="erase one request, rows and key")
    forget.add_argument("reference", metavar="REFERENCE")
    keeping.add(commands)
    return parser


def _count(text: str) -> int:
    """A number of processes, from 1 on."""
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def _moment(text: str) -> datetime:
    """An aware moment; a moment without a zone is Dutch time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text} is not a moment such as 2026-11-23T10:00:00+01:00"
        raise argparse.ArgumentTypeError(msg) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


if __name__ == "__main__":
    sys.exit(main())
