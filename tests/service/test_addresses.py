"""Which addresses are everybody's: each special range of the Internet, by one of its own."""

from __future__ import annotations

import pytest

from service.addresses import NotPublic, public_address, reach

PUBLIC = (
    "8.8.8.8",
    "1.1.1.1",
    "193.0.6.139",
    "2606:4700:4700::1111",
    "2a01:e0a::1",
    "2001:4860::8",
)
REFUSED = {
    "0.0.0.0": "this host",
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "100.64.0.1": "shared by a carrier",
    "100.100.100.200": "metadata of a host, shared",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "a host about itself",
    "169.254.169.254": "link-local: metadata of most hosts",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.9": "protocols of the IETF",
    "192.0.0.192": "metadata of a host, among them",
    "192.0.2.1": "documentation",
    "192.88.99.1": "relays of 6to4",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarks",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "this host",
    "::1": "loopback",
    "::7f00:1": "compatible with 127.0.0.1",
    "::8.8.8.8": "compatible, though with a public one",
    "::ffff:127.0.0.1": "mapped",
    "::ffff:10.0.0.1": "mapped",
    "::ffff:8.8.8.8": "mapped, though to a public one",
    "::ffff:0:127.0.0.1": "translated",
    "64:ff9b::7f00:1": "NAT64 of 127.0.0.1",
    "64:ff9b::808:808": "NAT64, though of a public one",
    "64:ff9b:1::a00:1": "NAT64 of a network's own",
    "100::1": "discarded",
    "2001::7f00:1": "Teredo",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo",
    "2001:20::1": "ORCHIDv2",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4 of 127.0.0.1",
    "2002:808:808::1": "6to4, though of a public one",
    "3fff::1": "documentation",
    "5f00::1": "segment routing",
    "fc00::1": "private",
    "fd00:ec2::254": "metadata of a host, private",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local, by its interface",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "ff0e::1": "multicast, global",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_whole_internet_is_public(address):
    assert public_address(address)


@pytest.mark.parametrize("address", REFUSED, ids=lambda a: f"{a} ({REFUSED[a]})")
def test_an_address_of_a_special_range_is_not(address):
    assert not public_address(address)


def test_what_is_no_address_is_not_taken_for_one():
    with pytest.raises(ValueError, match="exemple"):
        public_address("exemple.fr")


def test_a_connection_to_this_machine_is_refused_before_it_is_made():
    with pytest.raises(NotPublic):
        reach(("localhost", 9), 0.1)
