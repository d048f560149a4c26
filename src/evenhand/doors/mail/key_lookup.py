"""DKIM keys from the DNS: for domains of the registry only, bounded in time and size, and remembered for a while.

A name server is asked once a name; whatever it says that is not one key's record is no key. An answer proves no more
than the resolver is trusted for: the record is kept with the letter, so that it can be compared with the past.
"""

import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Container

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
from dns.rdtypes.txtbase import TXTBase

ANSWER_WITHIN_S = 3.0
RECORD_CHARACTERS_MAX = 4_096
KEPT_MAX = 1_000
KEPT_S = (60.0, 3_600.0)
"""An answer is believed for its own time, within these bounds."""
NOTHING_KEPT_S = 300.0
REST_S = 30.0
"""After silence nobody is asked for so long: letters do not queue behind a resolver that is gone."""
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
_LOG = logging.getLogger("evenhand.mail")


class KeyLookUp:
    """Asks one resolver; not for several threads.

    Args of the constructor: its address and port; the domains of the registry as it stands; a clock in seconds.
    """

    def __init__(
        self,
        address: str,
        port: int,
        domains: Callable[[], Container[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._port = port
        self._domains = domains
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], tuple[float, str | None]] = OrderedDict()
        self._rest_until = 0.0

    def __call__(self, selector: str, domain: str) -> str | None:
        """Return the text of a key's record; None where there is none, or nobody could be asked.

        Args:
            selector: Of the signature, in lower case.
            domain: Of the signature, in lower case; one that is not in the registry is not asked for.
        """
        if domain not in self._domains() or _SELECTOR.fullmatch(selector) is None:
            return None
        name, now = (selector, domain), self._clock()
        known = self._kept.get(name)
        if known is not None and now < known[0]:
            return known[1]
        if now < self._rest_until:
            return None
        try:
            record, for_s = self._ask(f"{selector}._domainkey.{domain}.")
        except (dns.exception.DNSException, OSError, ValueError, TypeError) as error:
            _LOG.warning("no answer about a key of %s: %s", domain, type(error).__name__)
            self._rest_until = now + REST_S
            return None
        self._kept[name] = now + for_s, record
        self._kept.move_to_end(name)
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return record

    def _ask(self, name: str) -> tuple[str | None, float]:
        """Return the record and for how many seconds it is good."""
        query = dns.message.make_query(name, dns.rdatatype.TXT, use_edns=0, payload=1_232)
        answer, _ = dns.query.udp_with_fallback(query, self._address, timeout=ANSWER_WITHIN_S, port=self._port)
        if answer.rcode() == dns.rcode.NXDOMAIN:
            return None, NOTHING_KEPT_S
        if answer.rcode() != dns.rcode.NOERROR:
            raise OSError(f"the resolver answers {dns.rcode.to_text(answer.rcode())}")
        if not isinstance(answer, dns.message.QueryMessage):
            raise TypeError("no answer to a query")
        found = answer.resolve_chaining()
        if found.answer is None:
            return None, NOTHING_KEPT_S
        texts = [b"".join(row.strings) for row in found.answer if isinstance(row, TXTBase)]
        keys = [text for text in texts if b"p=" in text]
        # Several keys under one name say nothing (RFC 6376, 3.6.2.2).
        if len(keys) != 1 or len(keys[0]) > RECORD_CHARACTERS_MAX or not keys[0].isascii():
            return None, NOTHING_KEPT_S
        return keys[0].decode("ascii"), min(max(found.minimum_ttl, KEPT_S[0]), KEPT_S[1])
