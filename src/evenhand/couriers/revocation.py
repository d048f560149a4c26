"""Fetches a revocation list from an address that the operator listed, and from no other.

https only, no redirects, no address of a certificate or list: whoever writes a letter cannot make the desk ask anybody.
"""

import http.client
import socket
import ssl
from contextlib import suppress
from threading import Event, Timer
from urllib.parse import urlsplit

from evenhand.vocabulary.errors import Retryable

TIMEOUT_S = 10.0
"""For each step of the connection."""
WHOLE_S = 60.0
"""For the whole list: a server that drips is left."""
_PIECE = 1 << 16


def fetch_list(url: str, bytes_max: int, whole_s: float = WHOLE_S) -> bytes:
    """Return what lies under an https address.

    Args:
        url: As the settings have it, checked when they were read.
        bytes_max: More is not read.
        whole_s: Seconds that it may take from the first step to the last byte.

    Raises:
        Retryable: Nobody answered well, in time, or with as little as it may be.
    """
    parts = urlsplit(url)
    context = ssl.create_default_context()
    connection = http.client.HTTPSConnection(parts.netloc, timeout=min(TIMEOUT_S, whole_s), context=context)
    # Timeouts of a socket are for each read: a server that drips its headers would never meet one.
    late = Event()
    watch = Timer(whole_s, _cut, (connection, late))
    watch.daemon = True
    watch.start()
    try:
        connection.request("GET", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", headers=_HEADERS)
        response = connection.getresponse()
        if response.status != 200:
            raise Retryable(f"{url}: answered {response.status}")
        found = _whole(response, bytes_max, url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Retryable(f"{url}: {type(error).__name__}") from error
    finally:
        watch.cancel()
        connection.close()
    if late.is_set():  # what was cut off may read like a short answer
        raise Retryable(f"{url}: took too long")
    return found


def _cut(connection: http.client.HTTPSConnection, late: Event) -> None:
    late.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


_HEADERS = {"User-Agent": "evenhand", "Accept": "application/pkix-crl, */*;q=0.1", "Accept-Encoding": "identity"}


def _whole(response: http.client.HTTPResponse, bytes_max: int, url: str) -> bytes:
    if response.length is not None and response.length > bytes_max:
        raise Retryable(f"{url}: has more than {bytes_max >> 20} MiB")
    found = bytearray()
    while piece := response.read1(_PIECE):
        found += piece
        if len(found) > bytes_max:
            raise Retryable(f"{url}: has more than {bytes_max >> 20} MiB")
    if response.length:
        raise Retryable(f"{url}: ended early")
    return bytes(found)
