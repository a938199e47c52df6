"""Which addresses are everybody's and which are a machine's own; reaching the former alone.

What somebody else names (a link of the catalogue) may lead to this network by many spellings. None
is read here: the system tells the addresses of a name, each is looked at, and the very one that was
looked at is connected to: a name may tell another one later.
"""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from time import monotonic
from urllib.parse import urlsplit

_GIVEN = tuple(map(ip_network, ("0.0.0.0/0", "2000::/3")))
"""What is given out to hosts. So NAT64 (64:ff9b::), mapped (::ffff:), compatible (::) and
site-local (fec0::) addresses are not: each stands for another one, or for none."""
_SET_APART = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # answers each machine of a large host about itself
            "192.0.0.0/24",  # protocols of the IETF
            "192.88.99.0/24",  # relays of 6to4
            "224.0.0.0/4",  # multicast
            "2001::/23",  # Teredo (2001::/32), and protocols of the IETF
            "2002::/16",  # 6to4, which holds any IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)
"""Rows of IANA's special-purpose registries that some versions of Python hold to be global."""


class NotPublic(OSError):
    """An address is not a public one."""


def public_address(address: str) -> bool:
    """May this address, as the system tells it, be that of a host of the whole Internet?"""
    ip = ip_address(address)
    apart = any(ip in network for network in _SET_APART)
    return ip.is_global and not apart and any(ip in network for network in _GIVEN)


def of_this_machine(address: str) -> bool:
    """Is it an address by which a machine talks to itself?"""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return ((ip.version == 6 and ip.ipv4_mapped) or ip).is_loopback


def reach(address: tuple[str, int], timeout: float, *_: object) -> socket.socket:
    """A connection to a name all of whose addresses are public, or to the proxy that is set.

    It stands for `socket.create_connection`, whose source address and options are not used.
    """
    host, port = address
    proxies = {urlsplit(proxy).hostname for proxy in urllib.request.getproxies().values()}
    return connected(host, port, timeout, (lambda _: True) if host in proxies else public_address)


def connected(
    host: str, port: int, timeout: float, allowed: Callable[[str], bool] = public_address
) -> socket.socket:
    """A connection to a name all of whose addresses are allowed: to the first that answers.

    `timeout` is for all of them together, in seconds; what is left of it is the socket's.
    """
    until = monotonic() + timeout
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not all(allowed(str(told[4][0])) for told in found):
        raise NotPublic(host)
    failed: OSError = NotPublic(host)
    for family, kind, protocol, _name, where in found:
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(_left(until))
            made.connect(where)
            made.settimeout(_left(until))
        except OSError as error:
            made.close()
            failed = error
        else:
            return made
    raise failed


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left
