"""Which categories of a target's data may leave, or must be kept: held, asked for by who may, above the threshold.

Pure. A checked row decides. A row that is only recalled never discloses and never refuses: where it would, a person
decides.
"""

from dataclasses import dataclass

from evenhand.orders.context import Situation, of_row
from evenhand.orders.held import categories_held, not_held
from evenhand.rulebook.tables import MayIssue
from evenhand.vocabulary.request import AskKind, DataCategory, Effect, RequestFinding, RequestOutcome, TargetFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DataResult:
    """What follows for the target.

    Attributes:
        granted: Categories that may leave (or must be kept); none while a person has to decide.
    """

    outcome: RequestOutcome
    granted: tuple[DataCategory, ...]
    findings: tuple[RequestFinding, ...]


def judge_data(situation: Situation, kind: AskKind, data: tuple[DataCategory, ...], facts: TargetFacts) -> DataResult:
    """Judge each category that the ask names, and put the target's outcome together."""
    wanted = tuple(dict.fromkeys(data))
    if not wanted:
        return _without_categories(situation, kind)
    findings: list[RequestFinding] = []
    results: list[RequestOutcome] = []
    for each in wanted:
        result, found = _category(situation, kind, each, facts)
        findings.extend(found)
        results.append(result)
    if "escalate" in results:
        return DataResult(outcome="escalate", granted=(), findings=tuple(findings))
    return DataResult(
        outcome=results[0] if len(set(results)) == 1 else "partly",
        granted=tuple(each for each, result in zip(wanted, results, strict=True) if result == "comply"),
        findings=tuple(findings),
    )


def _without_categories(situation: Situation, kind: AskKind) -> DataResult:
    if kind == "preserve":
        found = situation.own("preserve", kept=True, effect="none", text="Preserving discloses nothing.")
        return DataResult(outcome="comply", granted=(), findings=(found,))
    text = "The ask names no category of data. A person decides."
    found = situation.own("data-named", kept=False, effect="escalate", text=text)
    return DataResult(outcome="escalate", granted=(), findings=(found,))


def _category(
    situation: Situation, kind: AskKind, data: DataCategory, facts: TargetFacts
) -> tuple[RequestOutcome, list[RequestFinding]]:
    if data not in categories_held(facts):
        return "refuse", [not_held(situation, data, facts.kind, effect="withhold")]
    rows = [row for row in situation.edition.may_issue if data in row.data]
    if not rows and kind == "preserve":
        return "comply", [
            situation.own("preserve", kept=True, effect="none", text=f"{data}: preserving discloses nothing.")
        ]
    if not rows:
        text = f"{data}: no row settles who may ask for it. A person decides."
        return "escalate", [situation.own("who-may-ask", kept=False, effect="escalate", text=text)]
    return _by_rows(situation, data, rows)


def _by_rows(
    situation: Situation, data: DataCategory, rows: list[MayIssue]
) -> tuple[RequestOutcome, list[RequestFinding]]:
    """One checked row that permits is enough; recalled rows and those of a recalled regime only send to a person."""
    regime = situation.edition.regime
    unchecked = regime is not None and regime.recalled
    judged = [(row, *_row_says(situation, data, row)) for row in rows]
    checked = [says for row, says, _text in judged if not (row.recalled or unchecked)]
    recalled_permits = any(says != "refuse" for row, says, _text in judged if row.recalled or unchecked)
    if "comply" in checked:
        outcome: RequestOutcome = "comply"
    elif checked and "escalate" not in checked and not recalled_permits:
        outcome = "refuse"
    else:
        outcome = "escalate"
    shown = [each for each in judged if _tells(each[0], each[1], outcome)] or judged
    return outcome, [
        of_row(row, kept=says == "comply", effect=_effect(outcome, says), text=text) for row, says, text in shown
    ]


def _tells(row: MayIssue, says: RequestOutcome, outcome: RequestOutcome) -> bool:
    """Tell whether a row has a part in the outcome: another row's permission needs no row that permits less."""
    if outcome == "comply":
        return says == "comply" and not row.recalled
    return not (row.recalled and says == "refuse")


def _effect(outcome: RequestOutcome, says: RequestOutcome) -> Effect:
    """What a row's finding shows: its own word where it decided, "escalate" where a person has to."""
    if outcome == "escalate":
        return "escalate"
    return "withhold" if outcome == "refuse" and says == "refuse" else "none"


def _row_says(situation: Situation, data: DataCategory, row: MayIssue) -> tuple[RequestOutcome, str]:
    """Return what one row says of the sender and the offence, and the sentence for it."""
    if situation.issuer_kind not in row.issuers and situation.validated_by not in row.issuers:
        who = " or ".join(row.issuers)
        return "refuse", f"{data}: may be asked for by {who}, not by {situation.issuer_kind} without their validation."
    if not row.threshold_years:
        return "comply", f"{data}: who asks may."
    maxima = situation.maxima
    reached = [years >= row.threshold_years for years in maxima]
    if not reached or len(set(reached)) > 1:
        return "escalate", f"{data}: the offence does not state one maximum as 'maximum N years'. A person decides."
    text = f"{data}: the stated maximum is {', '.join(map(str, maxima))} years, the threshold {row.threshold_years}."
    return ("comply" if reached[0] else "refuse"), text
