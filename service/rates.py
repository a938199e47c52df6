"""How often one may ask: writing from a public page, calling the API, wanting a sign-in link.

Counted in the memory of the process: several processes allow as many times as much. A window opens
with the first thing that is counted in it, and is forgotten once over, so that what is kept is at
most what the last windows saw; the library's moving windows keep whoever ever asked.
"""

from __future__ import annotations

from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from matching.errors import AiguilleError
from service.settings import Rates
from service.typography import marked

LINKS_PER_ADDRESS = RateLimitItemPerMinute(5, 15)
LINKS_PER_MACHINE = RateLimitItemPerHour(30)

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_UNCOUNTED = ("/relire",)
"""Asked again and again while somebody types; it keeps nothing."""


class TooMany(AiguilleError):
    """It was asked too often; `wait_s`: seconds before it may be asked again."""

    wait_s: int


class TooManyRequests(TooMany):
    """A network writes, or calls, too often; or a key does."""

    def __init__(self, rate: RateLimitItem, wait_s: int) -> None:
        super().__init__(
            marked(
                "Trop de demandes : au plus {most} en {seconds} s depuis un même réseau ou avec "
                "une même clé. Recommencez dans {wait} s."
            ),
            most=rate.amount,
            seconds=rate.get_expiry(),
            wait=wait_s,
        )
        self.wait_s = wait_s


class TooManyLinks(TooMany):
    """Sign-in links were asked for too often."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            marked(
                "Trop de liens demandés en peu de temps : regardez vos messages reçus, "
                "indésirables compris, ou réessayez dans {minutes} min."
            ),
            minutes=ceil(wait_s / 60),
        )
        self.wait_s = wait_s


class Counter:
    """Counts what is asked, in one process."""

    def __init__(self, rates: Rates) -> None:
        self._rates = {what: parse(said) for what, said in rates if said not in {"", "0"}}
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, what: str, who: str) -> None:
        """Count one thing that somebody asks (a name of `Rates`), or refuse it."""
        rate = self._rates.get(what)
        if rate is not None and not self._limiter.hit(rate, what, who):
            raise TooManyRequests(rate, self._wait_s(rate, what, who))

    def count_link(self, email: str, machine: str) -> None:
        """Count a sign-in link, or refuse it: by machine, and by address typed.

        An address is counted whether it has an account or not: a refusal tells nothing.
        """
        address = sha256(email.encode("utf-8", "surrogatepass")).hexdigest()
        counted = (
            (LINKS_PER_MACHINE, "machine", network_of(machine)),
            (LINKS_PER_ADDRESS, "address", address),
        )
        for rate, what, who in counted:
            if not self._limiter.hit(rate, what, who):
                raise TooManyLinks(self._wait_s(rate, what, who))

    def _wait_s(self, rate: RateLimitItem, what: str, who: str) -> int:
        over = self._limiter.get_window_stats(rate, what, who).reset_time
        return max(1, ceil(over - time()))


def counter_of(request: Request) -> Counter:
    found: Counter = request.app.state.counter
    return found


async def writing_counted(request: Request) -> None:
    """A dependency of public pages: what they write is counted, for the network that asks."""
    if request.method not in _SAFE_METHODS and request.url.path not in _UNCOUNTED:
        counter_of(request).count("pages", network_of(machine_of(request)))


def count_call(request: Request) -> None:
    """Count a call of the API, for the key that was recognised, else for the network that asks."""
    key_id: str | None = getattr(request.state, "key_id", None)
    what, who = ("key", key_id) if key_id else ("api", network_of(machine_of(request)))
    counter_of(request).count(what, who)


def machine_of(request: Request) -> str:
    """The address that asks, as the server says: that which a believed proxy tells, if one is."""
    return request.client.host if request.client else ""


def network_of(machine: str) -> str:
    """The machine, or its /64 in IPv6, which one subscriber holds whole."""
    try:
        address = ip_address(machine)
    except ValueError:
        return machine
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((int(address), 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
