"""Who is there is seen at locks and counts, not at clocks."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from intakebot.store.presence import BEAT_S, HUNG_S, Presence

HOLDS = """
import sys, time
from pathlib import Path
from intakebot.store.presence import Presence
Presence(Path(sys.argv[1]), "other", time.monotonic)
print("here", flush=True)
time.sleep(60)
"""


def test_who_was_never_here_is_not_alive(tmp_path: Path) -> None:
    assert not Presence(tmp_path, "one", lambda: 0.0).is_alive("nobody")


def test_we_are_alive_to_ourselves_and_to_others(tmp_path: Path) -> None:
    one, two = (Presence(tmp_path, name, lambda: 0.0) for name in ("one", "two"))

    assert one.is_alive("one")
    assert one.is_alive("two")
    assert two.is_alive("one")


def test_who_ended_is_gone_and_leaves_nothing(tmp_path: Path) -> None:
    one, two = (Presence(tmp_path, name, lambda: 0.0) for name in ("one", "two"))
    two.end()
    two.end()

    assert not one.is_alive("two")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_kill_is_seen_at_once_and_cleaned_up_by_the_next(tmp_path: Path, root: Path) -> None:
    one = Presence(tmp_path, "one", lambda: 0.0)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, cwd=root
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()

        assert one.is_alive("other")

        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    left = {path.name for path in tmp_path.iterdir()}
    Presence(tmp_path, "next", lambda: 0.0)

    assert left == {"one", "other"}
    assert {path.name for path in tmp_path.iterdir()} == {"one", "next"}
    assert not one.is_alive("other")


def test_who_hangs_counts_as_gone_until_it_goes_on(tmp_path: Path) -> None:
    now, its = [0.0], [0.0]
    one = Presence(tmp_path, "one", lambda: now[0])
    hangs = Presence(tmp_path, "hangs", lambda: its[0])

    assert one.is_alive("hangs")

    now[0] += HUNG_S
    assert one.is_alive("hangs")

    now[0] += 1
    assert not one.is_alive("hangs")

    its[0] += BEAT_S
    assert hangs.beat()
    assert one.is_alive("hangs")


def test_who_stood_still_too_cannot_tell_that_others_hung(tmp_path: Path) -> None:
    now, its = [0.0], [0.0]
    one = Presence(tmp_path, "one", lambda: now[0])
    other = Presence(tmp_path, "other", lambda: its[0])
    assert one.is_alive("other")

    now[0] += 3600  # the machine slept
    assert one.beat()
    assert one.is_alive("other")

    its[0] += 3600
    assert other.beat()
    lives = []
    for _ in range(8):
        now[0] += BEAT_S
        assert one.beat()
        lives.append(one.is_alive("other"))
    assert lives == [True] * 7 + [False], "it hangs while we go on"


def test_a_beat_is_counted_now_and_then(tmp_path: Path) -> None:
    now = [100.0]
    one = Presence(tmp_path, "one", lambda: now[0])

    assert not one.beat()

    now[0] += BEAT_S
    assert one.beat()
    assert not one.beat()
    assert (tmp_path / "one").read_text() == "1"
