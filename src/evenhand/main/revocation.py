"""Revocation lists: where they lie, and who fetches those that the operator listed."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from evenhand.couriers.revocation import fetch_list
from evenhand.doors.clock.ticking import Clock, Ticking
from evenhand.doors.mail.list_keeping import keep_list
from evenhand.doors.mail.revocation import RevocationLists
from evenhand.doors.mail.revocation_list import LIST_BYTES_MAX
from evenhand.flow.identify import Identifier
from evenhand.main.process import leave
from evenhand.orders.identify_signed import trusted_keys
from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError, Retryable

EVERY_S = 3600
_LOG = logging.getLogger("evenhand.mail")


def lists_of(settings: Settings) -> RevocationLists:
    """Return the lists of a data directory; where addresses are listed, they are expected from the first letter."""
    return RevocationLists(settings.data / "crl", expected=bool(settings.crl_addresses))


def fetch_lists(settings: Settings, identifier: Identifier, at: datetime) -> Iterator[tuple[str, str]]:
    """Fetch the list of every address in the settings; yield each with "", or with why it was not kept."""
    issuers = trusted_keys(identifier.registry.authorities).issuers
    lists = lists_of(settings)
    for url in settings.crl_addresses:
        try:
            keep_list(lists, url, fetch_list(url, LIST_BYTES_MAX), issuers, at)
        except Retryable as error:
            yield url, str(error)
        except InputError as error:
            yield url, f"it {error.reason}"
        else:
            yield url, ""


def fetching(settings: Settings, identifier: Callable[[], Identifier]) -> Clock | None:
    """Return the clock that fetches lists, one of its own: a slow server must not hold up another job."""
    if not settings.crl_addresses:
        return None

    def job(at: datetime) -> None:
        for url, why_not in fetch_lists(settings, identifier(), at):
            if why_not:
                _LOG.warning("revocation list of %s is not kept: %s", url, why_not)

    return Clock((Ticking(name="fetch revocation lists", every_s=EVERY_S, job=job),), on_fatal=leave, patience_s=5)


def described(settings: Settings, at: datetime) -> list[dict[str, Any]]:
    """Return what each file of the directory is."""
    return [
        {
            "file": one.name,
            "issuer": one.found.crl.issuer.rfc4514_string() if one.found else "",
            "issued_at": one.found.issued_at.isoformat() if one.found else None,
            "ends_at": one.found.ends_at.isoformat() if one.found and one.found.ends_at else None,
            "revoked": len(one.found.crl) if one.found else 0,
            "wrong": one.why_not or ("" if one.found and one.found.current(at) else "is not current"),
        }
        for one in lists_of(settings).files()
    ]
