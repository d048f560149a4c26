"""A case and what was proposed in it → the decision's row."""

from datetime import datetime

from evenhand.flow.cases import sealed_for
from evenhand.vocabulary.case import CaseFile, Origin, Proposal, Words
from evenhand.vocabulary.decision import BY_PERSON, Decision
from evenhand.vocabulary.eu import Automation
from evenhand.vocabulary.notice import Snapshot


def decision_of(
    file: CaseFile, proposal: Proposal, words: Words, item: Snapshot, at: datetime, salt: bytes
) -> Decision:
    """Return a person's decision about a case's item."""
    return Decision(
        item=file.opened.kind,
        item_id=item.item_id or item.url,
        subject=sealed_for(file),
        content_sha256=bytes.fromhex(file.opened.content_sha256 or "0" * 64),
        decided_at=at,
        action=proposal.action,
        policy=proposal.policy,
        source=file.opened.source,
        automated_detection=file.opened.origin is Origin.SCREENING,
        automation=Automation.NOT_AUTOMATED,
        language=file.opened.language,
        territory=proposal.territory,
        rule=BY_PERSON,
        edition=file.opened.edition or "0" * 16,
        because=words.because,
        facts=words.facts,
        salt=salt,
    )
