"""The EU transparency database's attributes as one table: what each may hold, and when it must be there.

Owns the rules of the schema in force since 1 July 2025; `judge` walks them, docs/reference/statements.md prints them.
Source: Regulation (EU) 2022/2065, Art. 17 and 24(5); Implementing Regulation (EU) 2024/2835; the database's own checks
where its documentation says otherwise.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from evenhand.vocabulary import eu


class Kind(StrEnum):
    """What sort of value an attribute holds."""

    TEXT = "text"
    CODE = "code"  # one of its codes
    CODES = "array of codes"
    DATE = "date"  # YYYY-MM-DD, a real day
    URL = "URL"  # with its scheme
    OBJECT = "object"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Holds where another attribute is this code, or is an array that has it."""

    attribute: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute.

    Attributes:
        name: As in a statement; "content_id.EAN-13" is a member of the object before the point.
        required: Must be there and not be empty, wherever it is not dropped.
        one_of: Must be there when these are all empty.
        null: Whether null may stand where nothing is required. Texts that are empty once trimmed count as null.
        codes: The values of a CODE, or of the members of CODES.
        characters_max: Most Unicode characters once trimmed, inclusive.
        earliest: First day of a DATE, inclusive.
        latest: Last day of a DATE, inclusive.
        pattern: Regular expression that the whole of a TEXT matches.
        only_when: Dropped unsent, whatever it holds, unless this holds.
        not_when: Dropped unsent, whatever it holds, when this holds.
        single_only: Unknown, so ignored, in a batch.
    """

    name: str
    kind: Kind
    required: bool = False
    one_of: tuple[str, ...] = ()
    null: bool = True
    codes: tuple[str, ...] = ()
    characters_max: int | None = None
    earliest: date | None = None
    latest: date | None = None
    pattern: str | None = None
    only_when: When | None = None
    not_when: When | None = None
    single_only: bool = False


BATCH_STATEMENTS_MAX = 100

_LAST_DAY = date(2038, 1, 1)
_EAN_13 = "[0-9]{13}"
_DECISIONS = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
_ILLEGAL = When(attribute="decision_ground", code=eu.Ground.ILLEGAL_CONTENT)
_INCOMPATIBLE = When(attribute="decision_ground", code=eu.Ground.INCOMPATIBLE_CONTENT)


def _codes(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in enum)


def _decision(name: str, kind: Kind, enum: type[StrEnum]) -> Attribute:
    """At least one of the four decisions is there; where none is, all four are missing."""
    others = tuple(other for other in _DECISIONS if other != name)
    return Attribute(name=name, kind=kind, codes=_codes(enum), one_of=others)


def _said_when(name: str, characters_max: int, when: When) -> Attribute:
    """A text that is required where another attribute asks for it, and dropped elsewhere."""
    return Attribute(name=name, kind=Kind.TEXT, required=True, characters_max=characters_max, only_when=when)


def _end_date(name: str) -> Attribute:
    """Null: no end. The documentation wants it on or after application_date; the database does not check that."""
    return Attribute(name=name, kind=Kind.DATE, latest=_LAST_DAY)


ATTRIBUTES = (
    _decision("decision_visibility", Kind.CODES, eu.Visibility),
    _said_when("decision_visibility_other", 500, When(attribute="decision_visibility", code=eu.Visibility.OTHER)),
    _end_date("end_date_visibility_restriction"),
    _decision("decision_monetary", Kind.CODE, eu.Monetary),
    _said_when("decision_monetary_other", 500, When(attribute="decision_monetary", code=eu.Monetary.OTHER)),
    _end_date("end_date_monetary_restriction"),
    _decision("decision_provision", Kind.CODE, eu.Provision),
    _end_date("end_date_service_restriction"),
    _decision("decision_account", Kind.CODE, eu.Account),
    _end_date("end_date_account_restriction"),
    Attribute(name="account_type", kind=Kind.CODE, codes=_codes(eu.AccountType)),
    Attribute(name="decision_ground", kind=Kind.CODE, required=True, codes=_codes(eu.Ground)),
    Attribute(name="decision_ground_reference_url", kind=Kind.URL, characters_max=500),
    _said_when("illegal_content_legal_ground", 500, _ILLEGAL),
    _said_when("illegal_content_explanation", 2000, _ILLEGAL),
    _said_when("incompatible_content_ground", 500, _INCOMPATIBLE),
    _said_when("incompatible_content_explanation", 2000, _INCOMPATIBLE),
    Attribute(
        name="incompatible_content_illegal", kind=Kind.CODE, codes=eu.YES_NO, null=False, only_when=_INCOMPATIBLE
    ),
    Attribute(name="category", kind=Kind.CODE, required=True, codes=_codes(eu.Category)),
    Attribute(name="category_addition", kind=Kind.CODES, codes=_codes(eu.Category), null=False),
    # The database ties no keyword to a category.
    Attribute(name="category_specification", kind=Kind.CODES, codes=_codes(eu.Keyword)),
    Attribute(name="category_specification_other", kind=Kind.TEXT, characters_max=500),
    Attribute(name="content_type", kind=Kind.CODES, required=True, codes=_codes(eu.ContentType)),
    _said_when("content_type_other", 500, When(attribute="content_type", code=eu.ContentType.OTHER)),
    Attribute(name="content_id", kind=Kind.OBJECT),
    Attribute(name="content_id.EAN-13", kind=Kind.TEXT, null=False, pattern=_EAN_13),
    Attribute(name="content_id_ean", kind=Kind.TEXT, pattern=_EAN_13, single_only=True),
    # Documented as mandatory; the database takes null and nothing.
    Attribute(name="territorial_scope", kind=Kind.CODES, codes=eu.EEA_STATES),
    Attribute(name="content_language", kind=Kind.CODE, codes=eu.CONTENT_LANGUAGES),
    Attribute(name="content_date", kind=Kind.DATE, required=True, earliest=date(2000, 1, 1), latest=_LAST_DAY),
    Attribute(name="application_date", kind=Kind.DATE, required=True, earliest=date(2020, 1, 1), latest=_LAST_DAY),
    Attribute(name="decision_facts", kind=Kind.TEXT, required=True, characters_max=5000),
    Attribute(name="source_type", kind=Kind.CODE, required=True, codes=_codes(eu.Source)),
    Attribute(
        name="source_identity",
        kind=Kind.TEXT,
        characters_max=500,
        not_when=When(attribute="source_type", code=eu.Source.VOLUNTARY),
    ),
    Attribute(name="automated_detection", kind=Kind.CODE, required=True, codes=eu.YES_NO),
    Attribute(name="automated_decision", kind=Kind.CODE, required=True, codes=_codes(eu.Automation)),
    Attribute(name="puid", kind=Kind.TEXT, required=True, characters_max=500, pattern="[A-Za-z0-9_-]+"),
)
"""Every attribute that the database knows, in the order of its documentation. What is not here is ignored."""
