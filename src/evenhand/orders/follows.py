"""Does an answer follow from its own findings? An independent reading of a ruling, for audits. Pure.

It knows nothing of requests, tables or states: only the one order in which findings make an outcome. An assessor that
answered otherwise than its findings say is found out here, whatever it was that led it to.
"""

from evenhand.vocabulary.request import Ruling, TargetRuling

_SETTLED = ("comply", "partly", "geo-restrict", "refuse")


def contradiction(ruling: Ruling) -> str:
    """Return what in the outcome does not follow from the findings, or "" where all of it does."""
    expected = _whole(ruling)
    if expected and ruling.outcome != expected:
        return f"the findings make it {expected}, the answer is {ruling.outcome}"
    if not expected and ruling.outcome not in _SETTLED:
        return f"no finding makes it {ruling.outcome}"
    for row in ruling.targets:
        wanted = _target(ruling, row)
        if row.outcome not in wanted:
            return f"{row.target}: the findings make it {' or '.join(wanted)}, the answer is {row.outcome}"
    outcomes = {row.outcome for row in ruling.targets}
    if not expected and ruling.outcome != (outcomes.pop() if len(outcomes) == 1 else "partly"):
        return f"the targets' outcomes do not make it {ruling.outcome}"
    return ""


def _effects(row: TargetRuling) -> set[str]:
    return {finding.effect for finding in row.findings}


def _whole(ruling: Ruling) -> str:
    """Return the outcome that the findings fix for the whole request, or "" where the targets' outcomes make it."""
    targets = [_effects(row) for row in ruling.targets]
    ours = [effects for effects in targets if "redirect" not in effects]
    whole = {finding.effect for finding in ruling.findings}
    if targets and not ours:
        return "redirect"
    if ours and all("principle" in effects for effects in ours):
        return "refuse"
    if "clarify" in whole:
        return "clarify"
    if "escalate" in whole or any("escalate" in effects for effects in ours):
        return "escalate"
    return ""


def _target(ruling: Ruling, row: TargetRuling) -> tuple[str, ...]:
    effects = _effects(row)
    if "redirect" in effects:
        return ("redirect",) if ruling.outcome == "redirect" else ("refuse",)
    if "principle" in effects:
        return ("refuse",)
    if ruling.outcome in ("clarify", "escalate"):
        return (ruling.outcome,)
    if "withhold" in effects:
        return ("refuse", "partly")
    return ("geo-restrict",) if "geo-restrict" in effects else ("comply",)
