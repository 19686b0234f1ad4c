"""Addresses that people give us: they lead to the public internet, never to what stands beside us.

Whoever may write down where a message goes could else have us knock on the doors of the host's own
network, or on those of whoever rents the machine out. So a name is looked up once, everything it
stands for must be public, and the connection goes to exactly that address: what the name stands for
a moment later is never asked. Redirects are not followed (`http_call`).
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from nightlight.channels.addresses import AddressError
from nightlight.channels.base import PermanentFailure, TemporaryFailure
from nightlight.channels.deadline import Deadline
from nightlight.channels.http_call import Place, Reach

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

URL_CHARACTERS_MAX = 2000
HTTPS_PORT = 443
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""Where a test peer may listen without TLS: nothing said there leaves the machine."""

NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
"""IANA's registry of special-purpose IPv4 addresses, and multicast (RFC 5771)."""
PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
"""The only part of IPv6 that was ever given out to the public (RFC 4291)."""
NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""What is special within it: Teredo, ORCHID and benchmarking; examples; 6to4, in which any IPv4 hides."""
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""How a network without IPv4 writes an IPv4 address (RFC 6052)."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_SECRET_PATH = re.compile(r"/[A-Za-z0-9._~%/+=:@!$&'()*,;-]*\Z")


@dataclass(frozen=True, kw_only=True)
class OutsideUrl:
    """An address somebody gave, in parts. `target` is its path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def place(self) -> Place:
        """Where to connect to."""
        return Place(host=self.host, port=self.port, is_tls=self.scheme == "https")

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a browser writes them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = HTTPS_PORT if self.scheme == "https" else 80
        return f"{self.scheme}://{host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def url(self) -> str:
        """The whole, in the one way in which it is kept."""
        return self.origin + self.target


def public_only(allowed: Iterable[Network] = ()) -> Reach:
    """Connect to public addresses, and to those in *allowed*, and nowhere else.

    Raises `PermanentFailure("not_public")` when any address of the host is neither.
    """
    networks = tuple(allowed)

    def reach(deadline: Deadline, host: str, port: int) -> socket.socket:
        found = deadline.look_up(host, port)
        if not found:
            raise TemporaryFailure("host_not_found")
        if not all(_may_be_reached(each, networks) for each in found):
            raise PermanentFailure("not_public")
        return deadline.connect_to(found)

    return reach


def is_reachable(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Whether *address*, once everything it is wrapped in is taken off, is public or in *allowed*."""
    bare = unwrapped(address)
    if any(bare in network for network in allowed if network.version == bare.version):
        return True
    if isinstance(bare, ipaddress.IPv4Address):
        return not any(bare in network for network in NOT_PUBLIC_4)
    return bare in PUBLIC_6 and not any(bare in network for network in NOT_PUBLIC_6)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that *address* stands for where it is a mapped, a compatible or a NAT64 form of one."""
    if isinstance(address, ipaddress.IPv6Address):
        number = int(address)
        is_compatible = 1 < number < 1 << 32
        if address.ipv4_mapped is not None or address in NAT64 or is_compatible:
            return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return address


def read_outside_url(typed: str) -> OutsideUrl:
    """The parts of an address somebody gave. Raises AddressError.

    Only one way of writing each thing is taken, so that nobody (a library, a resolver, a proxy) can
    read it otherwise than it was checked.
    """
    written = typed.strip()
    if not written.isascii() or not written.isprintable() or re.search(r"[\s\\<>\"^`{|}]", written):
        raise AddressError("This address has a character that cannot be in one. Copy it once more.")
    if len(written) > URL_CHARACTERS_MAX:
        raise AddressError("This is too long for an address of a push service.")
    try:
        parts = urlsplit(written)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise AddressError("This is not an address. Write it like https://push.example.org/abc") from None
    if "@" in parts.netloc:
        raise AddressError(
            "An address cannot hold a name and a password. Leave out what stands before the @."
        )
    if "#" in written:
        raise AddressError("An address of a push service has no # in it. Copy it once more.")
    host = _checked_host(host, has_brackets="[" in parts.netloc)
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK_NAMES):
        raise AddressError("An address of a push service begins with https://")
    if not _SECRET_PATH.match(parts.path or "/"):
        raise AddressError("This is not an address. Write it like https://push.example.org/abc")
    usual = HTTPS_PORT if parts.scheme == "https" else 80
    if port == 0:
        raise AddressError("There is no port 0. Copy the address once more.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return OutsideUrl(scheme=parts.scheme, host=host, port=port or usual, target=target)


def _checked_host(host: str, *, has_brackets: bool) -> str:
    """*host* when it is a name as the public DNS has them, or a plainly written number. Raises AddressError."""
    if host in LOOPBACK_NAMES:
        return host
    if has_brackets:
        try:
            return str(ipaddress.IPv6Address(host)) if "%" not in host else _refuse_host(host)
        except ValueError:
            _refuse_host(host)
    labels = host.split(".")
    # Whatever ends in a number is read as one by resolvers, in octal, in hex and with parts left out.
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            _refuse_host(host)
    if len(labels) < 2 or len(host) > 253 or not all(_LABEL.match(label) for label in labels):
        _refuse_host(host)
    return host


def _refuse_host(host: str) -> str:
    raise AddressError(f"{host!r} is no host on the public internet. Copy the address once more.")


def _may_be_reached(found: tuple[Any, ...], allowed: tuple[Network, ...]) -> bool:
    """Whether one answer of a resolver may be connected to. A zone makes it a neighbour of ours."""
    numeric = str(found[4][0])
    if "%" in numeric or (len(found[4]) == 4 and found[4][3]):
        return False
    try:
        return is_reachable(ipaddress.ip_address(numeric), allowed)
    except ValueError:
        return False
