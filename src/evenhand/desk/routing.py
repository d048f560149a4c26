"""Which queue a case waits in, how grave it is and how long it may wait: a table, read from the top. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from evenhand.desk.calendar import WorkingTime, add_working
from evenhand.vocabulary.case import Origin
from evenhand.vocabulary.eu import Category, Keyword

CHILD_SAFETY = "child-safety"
APPEALS = "appeals"

_CHILD = frozenset(
    {
        Keyword.CHILD_SEXUAL_ABUSE_MATERIAL,
        Keyword.CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE,
        Keyword.GROOMING_SEXUAL_ENTICEMENT_MINORS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A row: what it is about, where that goes.

    Attributes:
        categories, keywords: Those that it is about; empty: any. A keyword alone is enough.
        harm: 0 (slight) to 3 (gravest).
        target: Our own target, from receipt; working time where `office_hours`, elapsed otherwise.
        four_eyes: A second person must agree to a restriction.
    """

    queue: str
    categories: frozenset[Category] = frozenset()
    keywords: frozenset[Keyword] = frozenset()
    harm: int
    target: timedelta
    office_hours: bool = False
    four_eyes: bool = False


ROUTES = (
    Route(queue=CHILD_SAFETY, keywords=_CHILD, harm=3, target=timedelta(hours=4), four_eyes=True),
    Route(
        queue="terror",
        keywords=frozenset({Keyword.TERRORIST_CONTENT, Keyword.ILLEGAL_ORGANIZATIONS}),
        harm=3,
        target=timedelta(hours=4),
        four_eyes=True,
    ),
    Route(
        queue="life",
        categories=frozenset({Category.SELF_HARM, Category.RISK_FOR_PUBLIC_SECURITY}),
        keywords=frozenset({Keyword.SUICIDE, Keyword.SELF_MUTILATION, Keyword.HUMAN_TRAFFICKING}),
        harm=2,
        target=timedelta(hours=8),
    ),
    Route(queue="minors", categories=frozenset({Category.PROTECTION_OF_MINORS}), harm=2, target=timedelta(hours=12)),
    Route(
        queue="violence",
        categories=frozenset(
            {Category.VIOLENCE, Category.CYBER_VIOLENCE, Category.CYBER_VIOLENCE_AGAINST_WOMEN, Category.ANIMAL_WELFARE}
        ),
        harm=2,
        target=timedelta(hours=24),
    ),
    Route(
        queue="speech",
        categories=frozenset(
            {Category.ILLEGAL_OR_HARMFUL_SPEECH, Category.NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS}
        ),
        harm=1,
        target=timedelta(hours=24),
    ),
    Route(
        queue="fraud",
        categories=frozenset({Category.SCAMS_AND_FRAUD, Category.UNSAFE_AND_PROHIBITED_PRODUCTS}),
        harm=1,
        target=timedelta(hours=24),
    ),
    Route(
        queue="rights",
        categories=frozenset(
            {Category.INTELLECTUAL_PROPERTY_INFRINGEMENTS, Category.DATA_PROTECTION_AND_PRIVACY_VIOLATIONS}
        ),
        harm=0,
        target=timedelta(hours=24),
        office_hours=True,
    ),
    Route(queue="general", harm=0, target=timedelta(hours=16), office_hours=True),
)

APPEAL_ROUTE = Route(queue=APPEALS, harm=1, target=timedelta(hours=40), office_hours=True)

QUEUES = (*(route.queue for route in ROUTES), APPEALS)
"""Every queue, the most pressing first."""

WIDE_REACH = 100_000
"""Members or viewers from which a case counts one step graver."""
YOUNG = timedelta(hours=1)
"""A post this young still spreads: one step graver where it reaches far."""
_HARM_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Where a case goes."""

    queue: str
    harm: int
    four_eyes: bool
    walled: bool
    target: timedelta
    office_hours: bool


def route(
    category: Category,
    keyword: Keyword | None,
    *,
    origin: Origin,
    reach: int | None,
    urgent: bool,
    listed: bool,
) -> Routed:
    """Return where a case goes.

    Args:
        category: What it is about.
        keyword: The same more exactly, if known.
        origin: Appeals have a queue of their own.
        reach: Members or viewers, if known.
        urgent: From a verified trusted flagger within their expertise: one step graver, half the time.
        listed: The target is on the list of high-profile targets: four eyes.
    """
    row = APPEAL_ROUTE if origin is Origin.APPEAL else _row(category, keyword)
    harm = min(_HARM_MAX, row.harm + (reach is not None and reach >= WIDE_REACH) + urgent)
    return Routed(
        queue=CHILD_SAFETY if origin is Origin.APPEAL and keyword in _CHILD else row.queue,
        harm=harm,
        four_eyes=row.four_eyes or listed,
        walled=row.queue == CHILD_SAFETY or keyword in _CHILD,
        target=row.target / 2 if urgent else row.target,
        office_hours=row.office_hours and not urgent,
    )


@cache
def _row(category: Category, keyword: Keyword | None) -> Route:
    return next(one for one in ROUTES if _fits(one, category, keyword))


def _fits(row: Route, category: Category, keyword: Keyword | None) -> bool:
    if not row.categories and not row.keywords:
        return True
    return category in row.categories or (keyword is not None and keyword in row.keywords)


def due_at(received_at: datetime, routed: Routed, working: WorkingTime) -> datetime:
    """Return the end of our own target: elapsed time, or working time where the row says so."""
    if routed.office_hours:
        return add_working(received_at, routed.target, working)
    return received_at + routed.target
