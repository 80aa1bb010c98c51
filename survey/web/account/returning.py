"""Where a person goes after signing in: only to an address of our own."""

import re

# One slash, then printable ASCII without a backslash. "//host", "/\\host" and "javascript:" lead elsewhere in browsers,
# and so do control characters, which some of them leave out before they look at an address.
_OWN = re.compile(r"/(?!/)[!-\[\]-~]*")
_LONGEST = 2_000


def own_path(address: str | None) -> str | None:
    """The address if it is a path on this server, else None."""
    if address and len(address) <= _LONGEST and _OWN.fullmatch(address):
        return address
    return None
