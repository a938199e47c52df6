"""How often a sign-in link may be asked for: by address typed, and by machine that asks.

Counted in the memory of the process, over moving windows. An address is counted whether it has
an account or not, so that a refusal tells nothing.
"""

from __future__ import annotations

from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from matching.errors import AiguilleError
from service.typography import marked

PER_ADDRESS = RateLimitItemPerMinute(5, 15)
PER_MACHINE = RateLimitItemPerHour(30)


class TooManyTries(AiguilleError):
    """Links were asked for too often."""

    def __init__(self) -> None:
        super().__init__(
            marked(
                "Trop de liens demandés en peu de temps : regardez vos messages reçus, "
                "indésirables compris, ou réessayez dans un quart d’heure."
            )
        )


class SignInRates:
    """Counts the links asked for, in one process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def ask(self, email: str, machine: str) -> None:
        """Count a link asked for, or refuse it."""
        address = sha256(email.encode("utf-8", "surrogatepass")).hexdigest()
        allowed = self._limiter.hit(PER_MACHINE, "machine", network_of(machine))
        if not (allowed and self._limiter.hit(PER_ADDRESS, "address", address)):
            raise TooManyTries


def network_of(machine: str) -> str:
    """The machine, or its /64 in IPv6, which one subscriber holds whole."""
    try:
        address = ip_address(machine)
    except ValueError:
        return machine
    wide = isinstance(address, IPv6Address)
    return str(ip_network((address, 64), strict=False)) if wide else machine
