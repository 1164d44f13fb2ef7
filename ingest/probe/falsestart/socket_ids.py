"""Names for sockets: the client's own where it gave a usable one, so that both sides can be joined."""

import re
from collections import OrderedDict

SOCKET_ID = re.compile(rb"(?:^|&)falsestart_socket=([A-Za-z0-9._:-]{1,128})(?:&|$)")
IDS_REMEMBERED = 1_000  # recent ids given by clients, to tell a reused one


class SocketIds:
    """One id for each socket of a boot."""

    def __init__(self, boot_id: str) -> None:
        """Ids that are made here begin with the boot's random digits."""
        self._prefix = boot_id[-12:]
        self._recent: OrderedDict[str, None] = OrderedDict()
        self._count = 0

    def next(self, query: bytes) -> str:
        """The id for a new socket with this query string."""
        found = SOCKET_ID.search(query)
        given = found.group(1).decode() if found else None
        # A page that reconnects with the same URL reuses its id: two sockets must not become one.
        if given is not None and given not in self._recent:
            self._recent[given] = None
            if len(self._recent) > IDS_REMEMBERED:
                self._recent.popitem(last=False)
            return given
        self._count += 1
        return f"{self._prefix}-{self._count}"
