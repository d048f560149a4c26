"""Which letter and which statement a case's decision makes: the same bytes in the preview and in what is sent."""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

import msgspec

from evenhand.flow.office import Office
from evenhand.flow.statement_made import Prepared, database_effect, prepare
from evenhand.statements.letter import (
    Letter,
    Redress,
    answer_letter,
    appeal_letter,
    changed_letter,
    receipt_letter,
)
from evenhand.statements.rules import Circumstances, Particulars, complaint_until
from evenhand.statements.short_letters import (
    alarm_letter,
    asked_again_letter,
    carried_letter,
    enclosing_letter,
    misuse_letter,
    question_letter,
    sanction_letter,
)
from evenhand.vocabulary.case import CaseFile, CaseState, Proposal
from evenhand.vocabulary.commit import Effect
from evenhand.vocabulary.decision import Action, Decision
from evenhand.vocabulary.notice import KeptNotice, Snapshot

_SPOKEN = MappingProxyType({"AT": "de", "DE": "de", "FR": "fr", "LU": "fr"})
"""State → the language in which its authorities are written to of their own accord; English for all others."""


def redress_for(office: Office, reference: str, at: datetime, *, final: bool = False) -> Redress:
    """Return where somebody can turn with their link; `final`: no complaint any more."""
    return Redress(
        complaint_link="" if final else office.link(reference),
        complaint_until=complaint_until(at.astimezone(UTC).date()),
        bodies_link=office.bodies_link,
    )


def prepared_for(
    office: Office,
    file: CaseFile,
    decision: Decision,
    proposal: Proposal,
    *,
    informed_at: datetime | None = None,
    following: str = "",
) -> Prepared | None:
    """Return statement and letter for the affected person; None: this desk has no sentences.

    `informed_at` is when they are told where that is later than the decision, as with a machine's, which stands in its
    case already: the six months run from there. `following` names what follows from the decision in the same case.

    Raises:
        InputError: Something to be told is missing or wrong.
    """
    if office.wordings is None:
        return None
    item = file.snapshot
    posted = item.posted_at if item and item.posted_at else file.opened_at
    # A case's own reference opens nothing to anybody: what stands in public must not be somebody's link.
    reference = office.references.format("case", file.number)
    if file.decision is not None and informed_at is None:
        reference += f"-{file.decision_act}"  # a later decision in the same case
    if following:
        reference += f"-{following}"
    particulars = Particulars(
        reference=reference,
        explanation=proposal.explanation or decision.facts,
        content_date=posted.astimezone(UTC).date(),
        until=proposal.until.astimezone(UTC).date() if proposal.until else None,
        names=tuple(name for name in (item.author, item.channel, item.url) if name) if item else (),
    )
    around = Circumstances(
        deceptive_high_volume=proposal.spam, contact_known=bool(item and (item.author or item.channel))
    )
    affected = office.references.format("affected", file.number)
    return prepare(
        decision,
        particulars,
        around,
        redress_for(office, affected, informed_at or decision.decided_at),
        office.wordings,
        file.opened.language,
        office.platform,
    )


def database_effects(prepared: Prepared | None, decision: Decision) -> tuple[Effect, ...]:
    """Return the statement for the EU database, if one is needed."""
    if prepared is None or prepared.statement is None:
        return ()
    effect = database_effect(prepared, decision, str(prepared.statement["puid"]))
    return () if effect is None else (effect,)


def sanction_statement(
    office: Office, file: CaseFile, against: Decision, proposal: Proposal, following: str, until: datetime | None
) -> tuple[Effect, ...]:
    """Return the statement for the EU database about a sanction that follows from a decision: it restricts as well."""
    said = replace(proposal, action=against.action, until=until, territory=())
    prepared = prepared_for(office, file, against, said, following=following)
    return () if prepared is None or prepared.errors else database_effects(prepared, against)


def restored_letter(office: Office, file: CaseFile, decision: Decision) -> Letter | None:
    """Return what the affected person is told when a restriction is lifted."""
    if office.wordings is None or decision.action not in (Action.RESTORE, Action.NONE):
        return None
    reference = office.references.format("case", file.number)
    redress = redress_for(office, office.references.format("affected", file.number), decision.decided_at, final=True)
    return changed_letter(office.wordings.pick(file.opened.language), reference, decision, redress, office.platform)


def notifier_letter(office: Office, file: CaseFile, kept: KeptNotice, number: int, decision: Decision) -> Letter | None:
    """Return the answer to a notifier: the decision on their notice, or that it has changed since."""
    if office.wordings is None:
        return None
    wording, reference = office.wordings.pick(kept.language), office.references.format("notice", number)
    redress = redress_for(office, reference, decision.decided_at)
    if file.state is CaseState.REVERSED:
        return changed_letter(wording, reference, decision, redress, office.platform)
    passing = bool(file.decision and file.decision.proposal.until)
    fine = decision.action is Action.NONE
    return answer_letter(wording, reference, decision, redress, office.platform, passing=passing, silences=fine)


def appellant_letter(office: Office, file: CaseFile, number: int, language: str | None) -> Letter | None:
    """Return the reasoned decision on an appeal (Art. 20(5))."""
    decision = file.decision
    if office.wordings is None or decision is None or decision.proposal.outcome is None or file.decided_at is None:
        return None
    reference = office.references.format("appeal", number)
    reasons = file.words.facts if file.words and file.words.facts.strip() else "-"
    return appeal_letter(
        office.wordings.pick(language),
        reference,
        decision.proposal.outcome.value,
        reasons,
        file.decided_at.astimezone(UTC).date(),
        redress_for(office, reference, file.decided_at, final=True),
        office.platform,
    )


def confirmation_letter(office: Office, kept: KeptNotice, number: int, received_at: datetime) -> Letter | None:
    """Return the confirmation of receipt (Art. 16(4))."""
    if office.wordings is None:
        return None
    reference = office.references.format("notice", number)
    wording = office.wordings.pick(kept.language)
    return receipt_letter(wording, reference, received_at, office.link(reference), office.platform)


def asking_letter(office: Office, reference: str, link: str, text: str, language: str | None) -> Letter | None:
    """Return what somebody at the desk writes to a party; `link` is the reference that opens the party's own matter."""
    if office.wordings is None:
        return None
    return question_letter(office.wordings.pick(language), reference, text, office.link(link), office.platform)


def warning_letter(office: Office, until: datetime | None, language: str | None) -> Letter | None:
    """Return what a notifier is told of their misuse (Art. 23); `until`: the end of a suspension."""
    if office.wordings is None:
        return None
    day = until.astimezone(UTC).date() if until else None
    return misuse_letter(office.wordings.pick(language), day, office.platform)


def consequence_letter(
    office: Office, file: CaseFile, against: Decision | None, until: datetime | None, at: datetime
) -> Letter | None:
    """Return what an author is told of what follows for their account; without a decision against it, a warning."""
    if office.wordings is None:
        return None
    return sanction_letter(
        office.wordings.pick(file.opened.language),
        against,
        until.astimezone(UTC).date() if until else None,
        at.astimezone(UTC).date(),
        redress_for(office, office.references.format("affected", file.number), at),
        office.platform,
    )


def authority_letter(
    office: Office, kind: Literal["received", "reply", "question"], reference: str, text: str, language: str
) -> Letter | None:
    """Return the letter around a text for an authority."""
    if office.wordings is None:
        return None
    return enclosing_letter(office.wordings.pick(language), kind, reference, text)


def reminder_letter(
    office: Office, reference: str, text: str, asked_at: datetime, until: datetime | None, language: str
) -> Letter | None:
    """Return our question to an authority once more."""
    if office.wordings is None:
        return None
    return asked_again_letter(office.wordings.pick(language), reference, text, asked_at, until)


def link_letter(office: Office, text: str) -> Letter | None:
    """Return the letter around a link for an agency's administrator, who is asked to vouch."""
    if office.wordings is None:
        return None
    return enclosing_letter(office.wordings.pick(None), "vouching", office.platform, text)


def colleague_letter(office: Office, reference: str) -> Letter | None:
    """Return what a colleague is told whose letter was carried over."""
    return None if office.wordings is None else carried_letter(office.wordings.pick(None), reference)


def life_letter(
    office: Office, country: str, name: str, item: Snapshot | None, why: str, at: datetime
) -> Letter | None:
    """Return the notification of a threat to life or safety (Art. 18)."""
    if office.wordings is None:
        return None
    return alarm_letter(office.wordings.pick(_SPOKEN.get(country)), name, item, why, at, office.platform)


def as_body(letter: Letter | None) -> dict[str, object] | None:
    """Return a letter as part of an effect's body."""
    return None if letter is None else msgspec.to_builtins(letter)
