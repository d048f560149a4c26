"""Words for what a request of an authority is made of, as those who write one read them.

The codes themselves are the words of `evenhand assess`; programs and the legal team see them as they are.
"""

from types import MappingProxyType

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

_INSTRUMENTS = MappingProxyType(
    {
        "dsa-9": _("Order to act against illegal content (DSA Art. 9)"),
        "dsa-10": _("Order to provide information (DSA Art. 10)"),
        "tco-removal": _("Removal order for terrorist content"),
        "epoc": _("European Production Order Certificate (EPOC)"),
        "epoc-emergency": _("European Production Order Certificate in an emergency"),
        "epoc-pr": _("European Preservation Order Certificate (EPOC-PR)"),
        "national-order": _("Order under national law"),
        "court-order": _("Court order or judgment"),
        "emergency-disclosure": _("Emergency disclosure: danger to life"),
        "preservation": _("Preservation of data"),
        "regulator-question": _("Question of a regulator"),
        "mlat": _("Mutual legal assistance"),
        "legal-action": _("Legal action: summons, claim, subpoena"),
        "private-demand": _("Private demand, copyright among them"),
        "referral": _("Referral without legal force"),
    }
)
_ISSUERS = MappingProxyType(
    {
        "court": _("Court"),
        "judge": _("Judge"),
        "investigating-judge": _("Investigating judge"),
        "prosecutor": _("Prosecutor"),
        "police": _("Police"),
        "administrative": _("Administrative authority"),
        "regulator": _("Regulator"),
        "private": _("Private person or company"),
        "other": _("Other"),
    }
)
_ASKS = MappingProxyType(
    {
        "remove": _("Removal of content"),
        "geo-restrict": _("Restriction in named states"),
        "disclose": _("Disclosure of data"),
        "preserve": _("Preservation of data"),
        "keys": _("Encryption keys"),
        "backdoor": _("A back door"),
        "monitor": _("General monitoring"),
        "bulk": _("Access in bulk"),
        "inform": _("Information about ourselves"),
    }
)
_DATA = MappingProxyType(
    {
        "subscriber": _("Subscriber data"),
        "identification": _("Data that only identify the user"),
        "traffic": _("Traffic data"),
        "content": _("Content data"),
    }
)
_FIELDS = MappingProxyType(
    {
        "issuer.name": _("Issuing authority"),
        "asks.targets": _("Exact locations or accounts"),
        "asks.data": _("Data asked for"),
        "signature": _("Signature"),
        "language": _("Language of the request"),
        "legal_basis": _("Legal basis"),
        "offence": _("Offence, with its maximum sentence"),
        "emergency": _("Imminent threat, in detail"),
        "reasons": _("Statement of reasons"),
        "redress": _("Redress available, and its time limit"),
    }
)
_STATES = MappingProxyType(
    {
        "received": _("received"),
        "in work": _("in work"),
        "waiting for you": _("waiting for you"),
        "answered": _("answered"),
    }
)


def instrument_label(code: str) -> str:
    """Return what kind of request it is."""
    return str(_INSTRUMENTS.get(code, code))


def issuer_label(code: str) -> str:
    """Return what kind of authority it is."""
    return str(_ISSUERS.get(code, code))


def ask_label(code: str) -> str:
    """Return what is asked for."""
    return str(_ASKS.get(code, code))


def data_label(code: str) -> str:
    """Return a category of data."""
    return str(_DATA.get(code, code))


def field_label(name: str) -> str:
    """Return a field that every request has."""
    return str(_FIELDS.get(name, name))


def follow_label(state: str) -> str:
    """Return how a request stands, for who sent it."""
    return str(_STATES.get(state, state))


def page_language() -> str:
    """Return the page's language, ISO 639-1."""
    return (get_language() or "en").split("-", 1)[0]
