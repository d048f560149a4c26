"""What the law says of a request: `rule_on(request, facts, book) -> Ruling`. Pure and total.

Steps, numbered again in the body:
 1. the rows in force on the day of receipt (or the day asked for)
 2. findings about the whole request: fields that must be there, who sends it, from where
 3. findings about every target by itself: ours, principles, held, who may ask for what
 4. the outcome, computed from findings in one order
 5. what follows: deadline, approvals, disclosure, notice, territory, what else is owed
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from evenhand.orders.clock import due_at, in_utc, latest_at
from evenhand.orders.context import Context, of_row
from evenhand.orders.duties import duty_findings
from evenhand.orders.fields import required_fields
from evenhand.orders.safeguards import safeguard_findings
from evenhand.orders.sender import sender_findings
from evenhand.orders.target_rules import Judged, judge_target
from evenhand.rulebook.tables import Deadline, LawBook
from evenhand.vocabulary.request import (
    DATA_CATEGORIES,
    DataCategory,
    Disclosure,
    Request,
    RequestFacts,
    RequestFinding,
    RequestOutcome,
    Ruling,
    TargetRuling,
    UserNotice,
)

_NOTHING_ASKED = Disclosure(allowed=(), withheld=())
_ACTING = ("comply", "partly", "geo-restrict")


def rule_on(request: Request, facts: RequestFacts, book: LawBook, as_of: date | None = None) -> Ruling:
    """Judge a request by the law in force when it was received.

    Args:
        request: As the sender says it; `received_at` aware.
        facts: What we know.
        book: The law's tables.
        as_of: Judge by the regime of this day instead.

    Returns:
        Every finding, kept or failed, for every target; never raises for anything that a stranger can send.
    """
    # 1. the rows in force
    context = Context.of(request, facts, book, as_of or in_utc(request.received_at).date())
    due = _deadline(context)
    # 2. the whole request
    asked_for, fields = required_fields(context) if context.edition.regime else ((), ())
    waiting, sender = sender_findings(context)
    sender = (*sender, *_nothing_named(context))
    safeguards = safeguard_findings(context, due)
    # 3. each target by itself
    pairs, situation, known = context.asked.pairs, context.situation, facts.targets.get
    judged = [judge_target(situation, ask.kind, ask.data, known(target)) for ask, target in pairs]
    # 4. the outcome
    outcome = _outcome(judged, asked_for, (*sender, *safeguards))
    targets = tuple(
        [
            TargetRuling(ask=ask.id, target=target, outcome=_carried(outcome, each), findings=each.findings)
            for (ask, target), each in zip(pairs, judged, strict=True)
        ]
    )
    # 5. what follows
    due = None if outcome in ("redirect", "clarify") else due
    acting = [each for each, row in zip(judged, targets, strict=True) if row.outcome in _ACTING]
    granted = frozenset([data for each in acting for data in each.granted])
    clock_findings = () if due is None else (_limit(due),)
    return Ruling(
        outcome=outcome,
        targets=targets,
        deadline=None if due is None else due_at(request.received_at, due.limit),
        latest=_latest(context, due),
        clock=_clock(context, due),
        findings=(*fields, *sender, *safeguards, *clock_findings, *duty_findings(context)),
        missing=_missing(outcome, asked_for, waiting, judged),
        approvals=_approvals(context, outcome, targets),
        disclose=_disclosure(context.asked.disclosed, granted),
        notify_user=_notice(context, outcome),
        territory=situation.territory if acting else (),
        regime_version=_version(context),
    )


def _nothing_named(context: Context) -> tuple[RequestFinding, ...]:
    """Return why a request without any target goes to a person."""
    if context.asked.pairs:
        return ()
    text = "The request names no target. A person decides."
    return (context.own("target-named", kept=False, effect="escalate", text=text),)


def _outcome(judged: Sequence[Judged], asked_for: tuple[str, ...], whole: tuple[RequestFinding, ...]) -> RequestOutcome:
    """Compute the request's outcome, in the one order there is."""
    ours = [each for each in judged if each.ours]
    if judged and not ours:
        return "redirect"
    if ours and False not in [each.principle for each in ours]:
        return "refuse"
    if asked_for:
        return "clarify"
    if "escalate" in [each.outcome for each in ours]:
        return "escalate"
    if "escalate" in [finding.effect for finding in whole]:
        return "escalate"
    outcomes = {each.outcome for each in judged}
    return outcomes.pop() if len(outcomes) == 1 else "partly"


def _carried(whole: RequestOutcome, judged: Judged) -> RequestOutcome:
    """Return a target's own outcome under the whole request's."""
    if not judged.ours:
        return "redirect" if whole == "redirect" else "refuse"
    if judged.principle:
        return "refuse"
    return whole if whole in ("clarify", "escalate") else judged.outcome


def _missing(
    outcome: RequestOutcome, asked_for: tuple[str, ...], waiting: tuple[str, ...], judged: Sequence[Judged]
) -> tuple[str, ...]:
    """Return what stands between the request and its answer; nothing does once all of it is refused or redirected."""
    if outcome in ("redirect", "refuse"):
        return ()
    return tuple(dict.fromkeys([*asked_for, *waiting, *(name for each in judged for name in each.missing)]))


def _deadline(context: Context) -> Deadline | None:
    """Return the row in force that ends first: a recalled one never lengthens what a checked one sets."""
    request = context.request
    kinds = context.asked.kinds
    rows = [
        row
        for row in context.edition.deadlines
        if (not row.asks or not kinds.isdisjoint(row.asks)) and (not row.issuers or request.issuer.kind in row.issuers)
    ]
    if context.edition.regime is None or not rows:
        return None
    if len(rows) == 1:
        return rows[0]
    return min(rows, key=lambda row: (due_at(request.received_at, row.limit), row.recalled, row.id))


def _limit(due: Deadline) -> RequestFinding:
    return of_row(due, kept=True, effect="none", text=f"{due.limit} from receipt.")


def _latest(context: Context, due: Deadline | None) -> datetime | None:
    """Return the later end of Regulation 1182/71, which speaks of the Union's acts; other law ends when it ends."""
    if due is None:
        return None
    return (latest_at if context.union else due_at)(context.request.received_at, due.limit)


def _clock(context: Context, due: Deadline | None) -> dict[str, str]:
    regime = context.edition.regime
    clock = {} if regime is None else dict(regime.clock)
    if due is not None:
        recalled = " (recalled)" if due.recalled else ""
        clock["limit"] = f"{due.limit} from receipt, {due.source}{recalled}"
    return clock


def _approvals(context: Context, outcome: RequestOutcome, targets: tuple[TargetRuling, ...]) -> tuple[str, ...]:
    """Return who must agree before anything takes effect."""
    if outcome in ("clarify", "redirect") or _is_automatic(context, targets):
        return ()
    return ("legal", "second-person") if context.asked.wants_data else ("legal",)


def _is_automatic(context: Context, targets: tuple[TargetRuling, ...]) -> bool:
    """A reversible disable of public targets, for a registry authority with a valid signature, and nothing else."""
    regime, facts = context.edition.regime, context.facts
    acting = [row for row in targets if row.outcome in _ACTING]
    return (
        regime is not None
        and regime.automatic
        and facts.verified in ("registry", "called-back")
        and context.request.signature == "valid"
        and bool(acting)
        and all(row.outcome == "comply" and facts.targets[row.target].kind in ("post", "channel") for row in acting)
        and context.asked.only_removals
    )


@lru_cache(maxsize=1024)
def _disclosure(asked: frozenset[DataCategory], granted: frozenset[DataCategory]) -> Disclosure:
    if not asked:
        return _NOTHING_ASKED
    return Disclosure(
        allowed=tuple(data for data in DATA_CATEGORIES if data in granted),
        withheld=tuple(data for data in DATA_CATEGORIES if data in asked - granted),
    )


def _notice(context: Context, outcome: RequestOutcome) -> UserNotice:
    regime, until = context.edition.regime, context.request.confidential_until
    if regime is None:
        return UserNotice(when="never", why="Nothing takes effect.")
    if outcome == "redirect":
        return UserNotice(when="never", why="Nothing of it is on our service.")
    if regime.notify == "at-effect" and until is not None and until > context.request.received_at:
        return UserNotice(when="delayed", why=f"The authority set the time: {_utc(until)}.")
    return UserNotice(when=regime.notify, why=regime.notify_why)  # type: ignore[arg-type] # the loader checks it


def _utc(instant: datetime) -> str:
    return in_utc(instant).strftime("%Y-%m-%dT%H:%M:%SZ")


def _version(context: Context) -> str:
    regime = context.edition.regime
    return "none" if regime is None else f"{regime.id}@{regime.edition}"
