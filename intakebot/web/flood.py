"""Floods: how often one network may begin, post, send files, sign in, or guess at a code.

A bucket for each network and kind of request: it holds so many, and fills again by the hour. Kept
in memory, under a keyed hash with a key of this process: an address is never written down. The
numbers leave room for a library, a shelter or a town hall, where many share one network.

A network is a single IPv4 address, or an IPv6 /56, which is what one household gets. What comes
straight from a proxy that we trust, and so from nobody in particular, is not counted.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

HOUR_S = 3600
NETWORK_BITS = {4: 32, 6: 56}
# Some 20 MB; beyond it those that were quiet longest are forgotten.
BUCKETS_MAX = 100_000
ROUNDING = 1e-6

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, kw_only=True)
class Limit:
    """So many at once, and so many an hour after that."""

    at_once: int
    an_hour: int

    def shared_by(self, count: int) -> Limit:
        """The part of one process, where so many share what comes in.

        A proxy keeps its connections, so that all of one network may come to the same process: each
        gives as many at once as one alone would, and together they give no more an hour.
        """
        return Limit(at_once=self.at_once, an_hour=ceil(self.an_hour / count))


LIMITS: dict[str, Limit] = {
    "begin": Limit(at_once=30, an_hour=60),
    "post": Limit(at_once=200, an_hour=3_600),
    "file": Limit(at_once=30, an_hour=120),
    "sign_in": Limit(at_once=20, an_hour=60),
    "code": Limit(at_once=10, an_hour=30),
}


@dataclass
class _Bucket:
    left: float
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Flood:
    """The buckets of this process. `key`: by chance, new at each start."""

    key: bytes
    now: Callable[[], datetime]
    trusted: tuple[Network, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=LIMITS.copy)
    buckets_max: int = BUCKETS_MAX
    _buckets: dict[tuple[str, bytes], _Bucket] = field(default_factory=dict)
    # By client, under the same hash: its network, or nothing where that is not counted.
    _networks: dict[bytes, bytes | None] = field(default_factory=dict)

    def wait_s(self, kind: str, host: str) -> int:
        """Count one request of this kind from this client; more than 0: too many, wait so long."""
        network = self._network(host)
        if network is None:
            return 0
        limit, at, name = self.limits[kind], self.now(), (kind, network)
        # Taken out and put back: the order of the buckets is that of their last use.
        bucket = self._buckets.pop(name, None) or _Bucket(left=limit.at_once, at=at)
        passed_s = max(0.0, (at - bucket.at).total_seconds())
        left = min(float(limit.at_once), bucket.left + passed_s * limit.an_hour / HOUR_S)
        enough = left >= 1 - ROUNDING
        self._buckets[name] = _Bucket(left=left - 1 if enough else left, at=at)
        if len(self._buckets) > self.buckets_max:
            del self._buckets[next(iter(self._buckets))]
        return 0 if enough else max(1, ceil((1 - left) * HOUR_S / limit.an_hour - ROUNDING))

    def _network(self, host: str) -> bytes | None:
        client = self._hashed(host)
        if client not in self._networks:
            if len(self._networks) >= self.buckets_max:
                del self._networks[next(iter(self._networks))]
            source = network_of(host)
            free = source is not None and any(source.network_address in it for it in self.trusted)
            self._networks[client] = None if free else self._hashed(str(source))
        return self._networks[client]

    def _hashed(self, told: str) -> bytes:
        return hashlib.blake2b(told.encode(), key=self.key, digest_size=16).digest()


def network_of(host: str) -> Network | None:
    """The network of a client; None when that is unknown, and then they are all one."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    known: Address = getattr(address, "ipv4_mapped", None) or address
    return ipaddress.ip_network((known, NETWORK_BITS[known.version]), strict=False)
