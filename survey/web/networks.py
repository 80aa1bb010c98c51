"""From which network a request comes: limits are for networks, and none of them keeps an address."""

import hmac
import ipaddress
from typing import Final

from flask import current_app, request

# Whoever has one address of such a network mostly has them all.
PREFIX_OF_IPV4: Final = 24
PREFIX_OF_IPV6: Final = 48


def network_key() -> str:
    """Stands for the visitor's network: a keyed hash, so that nobody finds the address again by trying all."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, f"network/{network_of(request.remote_addr)}".encode(), "sha256").hex()


def network_of(address: str | None) -> str:
    """The network of an address in words: "192.0.2.0/24". What is no address, such as a local socket, is one."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "elsewhere"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    prefix = PREFIX_OF_IPV4 if found.version == 4 else PREFIX_OF_IPV6  # noqa: PLR2004 (the version of the protocol)
    # A link-local address names the interface it was seen at.
    return str(ipaddress.ip_network(f"{str(found).partition('%')[0]}/{prefix}", strict=False))
