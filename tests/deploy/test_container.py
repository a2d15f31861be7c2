"""The Containerfile and the compose file: what they close, and that they name what is there.

No test can ask for a container engine; deploy/container.md says what was tried by hand.
"""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from intakebot.settings import Settings

Instruction = tuple[str, str]
# Made while the image is built.
MADE = ("/opt/intakebot", "/wheels")
SECRET = re.compile(r"(?i)token|password|secret|key")


@pytest.fixture(scope="module")
def stages(root: Path) -> list[list[Instruction]]:
    """The instructions of the Containerfile, stage by stage."""
    found: list[list[Instruction]] = []
    text = re.sub(r"(?m)^#.*\n", "", (root / "deploy/Containerfile").read_text("utf-8"))
    for line in text.replace("\\\n", " ").splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            found.append([])
        if name and found:
            found[-1].append((name, rest.strip()))
    return found


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((root / "deploy/compose.yaml").read_text("utf-8"))
    return read


def told(stage: list[Instruction], name: str) -> list[str]:
    return [rest for what, rest in stage if what == name]


def test_only_what_is_locked_is_installed(stages: list[list[Instruction]]) -> None:
    """Each `pip install` names a lock and its hashes, or takes nothing from any index."""
    commands = [part.strip() for rest in told(stages[0], "RUN") for part in rest.split("&&")]
    installs = [command for command in commands if "pip install" in command]

    assert len(installs) == 3
    for install in installs:
        assert "--no-deps" in install
        assert "--no-index" in install or {"--require-hashes", "-r"} <= set(install.split())
    assert not any("pip" in rest for rest in told(stages[-1], "RUN"))


def test_what_runs_is_nobody_in_particular_and_has_no_secret(
    stages: list[list[Instruction]],
) -> None:
    last = stages[-1]
    environment = " ".join(told(last, "ENV"))

    assert told(last, "USER") == ["10001:10001"]
    assert last.index(("USER", "10001:10001")) < [name for name, _ in last].index("ENTRYPOINT")
    assert not SECRET.search(environment)
    assert set(re.findall(r"INTAKEBOT_\w+", environment)) <= settings_known()
    assert told(last, "HEALTHCHECK")
    assert told(last, "ARG") == []


def test_what_is_copied_is_there_and_not_kept_out(
    root: Path, stages: list[list[Instruction]]
) -> None:
    lines = (root / ".containerignore").read_text("utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = [
        word
        for stage in stages
        for rest in told(stage, "COPY")
        if not rest.startswith("--from")
        for word in shlex.split(rest)[:-1]
    ]

    assert copied
    assert [word for word in copied if not (root / word).exists()] == []
    assert set(copied) == let_in
    assert (root / ".dockerignore").read_text("utf-8").splitlines() == lines


def test_every_container_is_closed(compose: dict[str, Any]) -> None:
    for name, container in compose["services"].items():
        assert container["read_only"] is True, name
        assert container["cap_drop"] == ["ALL"], name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in container, name
        assert set(container.get("cap_add", ())) <= {
            "CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID",
        }, name  # fmt: skip
    assert "cap_add" not in compose["services"]["intakebot"]


def test_only_the_loopback_address_of_the_machine_is_opened(compose: dict[str, Any]) -> None:
    containers = compose["services"]

    assert containers["intakebot"]["ports"] == ["127.0.0.1:8080:8080"]
    assert "ports" not in containers["database"]
    assert containers["database"]["networks"] == ["back"]
    assert compose["networks"]["back"] == {"internal": True}


def test_no_secret_stands_in_an_environment(compose: dict[str, Any]) -> None:
    """A secret is a file, of which the environment says at most where it is."""
    for name, container in compose["services"].items():
        for setting, value in container["environment"].items():
            assert not SECRET.search(setting) or setting.endswith("_FILE"), (name, setting)
            assert "://" not in value or "@" not in value, (name, setting)
        assert set(container["secrets"]) <= compose["secrets"].keys()
    files = [secret["file"] for secret in compose["secrets"].values()]
    assert all(file.startswith("secrets/") for file in files)


def test_the_settings_of_the_compose_file_exist(compose: dict[str, Any]) -> None:
    program = compose["services"]["intakebot"]
    secrets = {name.upper() for name in program["secrets"]}

    assert set(program["environment"]) | secrets <= settings_known()


def test_what_must_stay_is_on_a_volume(
    compose: dict[str, Any], stages: list[list[Instruction]]
) -> None:
    containers, (kept,) = compose["services"], told(stages[-1], "VOLUME")
    mounted = {
        name: [it.split(":")[:2] for it in container["volumes"] if not it.startswith(".")]
        for name, container in containers.items()
    }

    assert mounted["intakebot"] == [["state", kept]]
    assert [volume for volume, _ in mounted["database"]] == ["database"]
    assert compose["volumes"].keys() == {"state", "database"}


def settings_known() -> set[str]:
    return {f"INTAKEBOT_{name.upper()}" for name in Settings.model_fields}
