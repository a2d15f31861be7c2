"""The real nginx with deploy/nginx.conf, as an ordinary process in a folder of its own.

An operator changes the name, the certificate and the machines; a test also the ports and where
the logs lie. What Debian's own nginx.conf has around it is here too, as far as it matters.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.deploy.authority import Authority

REMEDY = "no nginx: run `apt-get install nginx` as root; the package's service need not run"
# Where Debian has it, which only root has in its path.
SBIN = "/usr/sbin:/usr/local/sbin"
NAME = "hulp.example.nl"
UPSTREAM = re.compile(r"(?ms)^upstream intakebot \{\n.*?^\}$")
# The machines in the document.
TOLD = ("10.0.0.11:8080", "10.0.0.12:8080")
STARTS_WITHIN_S, STOPS_WITHIN_S, LOOK_EVERY_S = 60.0, 30.0, 0.02
AROUND = """\
{whose}pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
worker_processes 2;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    include {folder}/intakebot.conf;
}}
"""


def find() -> str | None:
    """The nginx of this machine, or None."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:{SBIN}")


class Through(httpx.AsyncHTTPTransport):
    """To the balancer at its ports, for a browser that knows it by name, from this address."""

    def __init__(self, door: Door, address: str) -> None:
        super().__init__(verify=door.authority.trusted(), local_address=address)
        self._ports = {"https": door.https, "http": door.http}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        at = request.url.copy_with(host="127.0.0.1", port=self._ports[request.url.scheme])
        there = httpx.Request(
            request.method,
            at,
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.host},
        )
        return await super().handle_async_request(there)


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where a running nginx listens, and the folder of all that it writes."""

    folder: Path
    http: int
    https: int
    authority: Authority

    def browser(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """A browser of somebody at this address, which is one of loopback."""
        return httpx.AsyncClient(
            base_url=f"https://{NAME}",
            headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "nl"},
            transport=Through(self, address),
            follow_redirects=True,
            timeout=120,
        )

    def logs(self) -> str:
        """All that it wrote in any log."""
        return "".join(path.read_text("utf-8") for path in sorted(self.folder.glob("*.log")))


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """The program, the shipped settings, and the document that says how to name the machines."""

    nginx: str
    settings: str
    document: str


@contextmanager
def balancing(
    shipped: Shipped, folder: Path, authority: Authority, machines: Sequence[str]
) -> Iterator[Door]:
    """Start it before these machines, `host:port` each; it is stopped at the end."""
    folder.mkdir()
    door = Door(folder=folder, http=_free_port(), https=_free_port(), authority=authority)
    (folder / "intakebot.conf").write_text(changed(shipped, door, machines), "utf-8")
    whose = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, whose=whose), "utf-8")
    command: list[str | Path] = [
        shipped.nginx,
        "-e",
        folder / "error.log",
        "-p",
        folder,
        "-c",
        folder / "nginx.conf",
    ]
    with (folder / "said").open("wb") as said:
        running = subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
    try:
        _until_it_listens(running, door)
        yield door
    finally:
        running.terminate()
        running.wait(STOPS_WITHIN_S)


def changed(shipped: Shipped, door: Door, machines: Sequence[str]) -> str:
    """The shipped file with the ports, paths, certificate and machines of this test."""
    certificate = door.authority.vouch(NAME)
    replaced = {
        "    listen 80;\n": f"    listen 127.0.0.1:{door.http};\n",
        "    listen 443 ssl http2;\n": f"    listen 127.0.0.1:{door.https} ssl http2;\n",
        # Not every machine has IPv6.
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "/etc/ssl/certs/hulp.example.nl.pem": str(certificate.path),
        "/etc/ssl/private/hulp.example.nl.key": str(certificate.key),
        "/var/log/nginx/": f"{door.folder}/",
    }
    settings = with_upstream(shipped.settings, shipped.document, machines)
    for old, new in replaced.items():
        assert old in settings, f"{old!r} no longer stands in nginx.conf"
        settings = settings.replace(old, new)
    return settings


def with_upstream(shipped: str, document: str, machines: Sequence[str]) -> str:
    """With the machines named as deploy/several-machines.md says, at these addresses."""
    [upstream] = UPSTREAM.findall(document)
    for told, machine in zip(TOLD, machines, strict=True):
        upstream = upstream.replace(told, machine)
    made, count = UPSTREAM.subn(upstream, shipped)
    assert count == 1
    return made


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _until_it_listens(running: subprocess.Popen[bytes], door: Door) -> None:
    for _ in range(int(STARTS_WITHIN_S / LOOK_EVERY_S)):
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", door.https)) == 0:
                return
        assert running.poll() is None, (door.folder / "said").read_text() + door.logs()
        time.sleep(LOOK_EVERY_S)
    raise AssertionError(door.logs())
