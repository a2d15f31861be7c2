"""Run a command in the sandbox that a systemd unit describes, as far as any process may lock itself in.

    python -m tests.deploy.sandbox UNIT COMMAND…

No systemd and no rights are needed: capabilities are dropped, new privileges refused and system calls
filtered by the process itself, from the lines of the unit. What only systemd can do is left out: the
name spaces (ProtectSystem, PrivateTmp, PrivateUsers and their like).
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from pathlib import Path

SYSTEM_CALLS = Path(__file__).with_name("system_calls.tsv")
# linux/audit.h, linux/seccomp.h, linux/bpf_common.h, linux/prctl.h, sys/mman.h
MACHINES = {"x86_64": (1, 0xC000003E), "aarch64": (2, 0xC00000B7)}
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
EPERM, EAFNOSUPPORT = 1, 97
LOAD, EQUALS, AND, RETURN = 0x20, 0x15, 0x54, 0x06
NUMBER_AT, ARCH_AT, ARGUMENTS_AT = 0, 4, 16
PROT_WRITE, PROT_EXEC = 2, 4
SET_NO_NEW_PRIVS, SET_SECCOMP, SECCOMP_FILTER, DROP_CAPABILITY = 38, 22, 2, 24
CAPABILITIES_MAX = 64

Instruction = bytes


def settings(unit: Path) -> dict[str, list[str]]:
    """The lines of `[Service]` by name; a name may stand there more than once."""
    found: dict[str, list[str]] = {}
    section = unit.read_text("utf-8").partition("[Service]\n")[2].partition("\n[")[0]
    for line in section.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def numbers() -> dict[str, int]:
    """The allowed system calls of this machine, by name."""
    column, _ = MACHINES[platform.machine()]
    rows = [line.split("\t") for line in SYSTEM_CALLS.read_text("utf-8").splitlines()[1:]]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def instruction(code: int, value: int, yes: int = 0, no: int = 0) -> Instruction:
    """One instruction of the filter; *yes* and *no*: how many to jump over."""
    return struct.pack("=HBBI", code, yes, no, value)


def refuse(error: int) -> Instruction:
    return instruction(RETURN, REFUSE | error)


def argument(nth: int) -> Instruction:
    """Load the lower half of an argument."""
    return instruction(LOAD, ARGUMENTS_AT + 8 * nth)


def program(unit: dict[str, list[str]]) -> list[Instruction]:
    """The filter of this unit."""
    _, arch = MACHINES[platform.machine()]
    known = numbers()
    made = [
        instruction(LOAD, ARCH_AT),
        instruction(EQUALS, arch, yes=1),
        refuse(EPERM),
        instruction(LOAD, NUMBER_AT),
    ]
    families = [FAMILIES[name] for name in " ".join(unit["RestrictAddressFamilies"]).split()]
    of_socket = [argument(0)]
    for family in families:
        of_socket += [instruction(EQUALS, family, no=1), instruction(RETURN, ALLOW)]
    made += only(known["socket"], [*of_socket, refuse(EAFNOSUPPORT)])
    if unit["MemoryDenyWriteExecute"] == ["yes"]:
        both = PROT_WRITE | PROT_EXEC
        made += only(known["mmap"], unless(2, both))
        made += only(known["mprotect"], unless(2, PROT_EXEC))
    for number in known.values():
        made += only(number, [instruction(RETURN, ALLOW)])
    return [*made, refuse(EPERM)]


def only(number: int, what: list[Instruction]) -> list[Instruction]:
    """Do this for one system call; *what* must end in a return."""
    return [instruction(EQUALS, number, no=len(what)), *what]


def unless(nth: int, bits: int) -> list[Instruction]:
    """Refuse when an argument has all these bits."""
    return [
        argument(nth),
        instruction(AND, bits),
        instruction(EQUALS, bits, no=1),
        refuse(EPERM),
        instruction(RETURN, ALLOW),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def lock_in(unit: dict[str, list[str]]) -> None:
    """Lock this process in, and all that it starts; there is no way back."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        assert unit["CapabilityBoundingSet"] == [""]
        for capability in range(CAPABILITIES_MAX):
            libc.prctl(DROP_CAPABILITY, capability, 0, 0, 0)
    assert unit["NoNewPrivileges"] == ["yes"]
    expect(libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    os.umask(int(unit["UMask"][0], 8))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = int(unit["LimitNOFILE"][0])
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    made = program(unit)
    code = b"".join(made)
    expect(libc.prctl(SET_SECCOMP, SECCOMP_FILTER, ctypes.byref(_Program(len(made), code)), 0, 0))


def expect(outcome: int) -> None:
    """A sandbox that could not be closed is none."""
    if outcome != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


if __name__ == "__main__":
    lock_in(settings(Path(sys.argv[1])))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
