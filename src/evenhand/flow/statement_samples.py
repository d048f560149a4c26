"""One letter of each kind about a made-up decision, for whoever edits or translates the sentences."""

from datetime import UTC, date, datetime
from pathlib import Path

from evenhand.flow.statement_made import read_wordings
from evenhand.statements.letter import (
    Letter,
    Redress,
    answer_letter,
    appeal_letter,
    changed_letter,
    receipt_letter,
    statement_letter,
)
from evenhand.statements.rules import Particulars, complaint_until
from evenhand.statements.sentences import Wordings
from evenhand.statements.wording import load_wordings
from evenhand.vocabulary.decision import BY_PERSON, Action, Decision, Policy
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Automation, Category, Ground, Keyword, Source
from evenhand.vocabulary.post import ItemKind

_DAY = date(2026, 11, 24)
_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
_NOTICE, _APPEAL = "4T8QZ2N-1B7YKD-0XH3MWA-S9RCE5", "9KD0F3V-6M2QTA-8ZB1HXE-P4WNC7"
_PARTICULARS = Particulars(
    reference="7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2",
    explanation="Clause 4.2 forbids asking others for passwords.",
    content_date=_DAY,
    until=date(2027, 1, 31),
    also_illegal=True,
    reference_url="https://desk.example/terms",
)
_REDRESS = Redress(
    complaint_link="https://desk.example/appeal/7ZQ4K1M",
    complaint_until=complaint_until(_DAY),
    bodies_link="https://desk.example/dispute-bodies",
)


def read_letters(data: Path, directory: Path | None) -> Wordings:
    """Return the sentences in force, or those that come along with a directory's over them.

    Raises:
        InputError: A file cannot be used; names it and the sentence.
    """
    return read_wordings(data) if directory is None else load_wordings(directory)


def sample_letters(wordings: Wordings, language: str, platform: str) -> dict[str, Letter]:
    """Return a letter of each kind, by its name.

    Raises:
        InputError: The language has no sentences.
    """
    if language not in wordings.by_language:
        raise InputError("language", f"has no sentences; there are {', '.join(sorted(wordings.by_language))}")
    wording = wordings.by_language[language]
    reversal = _decision(Action.RESTORE)
    return {
        "receipt": receipt_letter(wording, _NOTICE, _AT, "https://desk.example/notice/4T8QZ2N", platform),
        "statement": statement_letter(wording, _decision(Action.BAN), _PARTICULARS, _REDRESS, platform),
        "answer": answer_letter(wording, _NOTICE, _decision(Action.BAN), _REDRESS, platform, passing=True),
        "fine": answer_letter(wording, _NOTICE, _decision(Action.NONE), _REDRESS, platform, silences=True),
        "appeal": appeal_letter(wording, _APPEAL, "reversed", "The posts were a warning.", _DAY, _REDRESS, platform),
        "changed": changed_letter(wording, _PARTICULARS.reference, reversal, _REDRESS, platform),
    }


def _decision(action: Action) -> Decision:
    return Decision(
        item=ItemKind.CHANNEL,
        item_id="@example_channel",
        subject=None,
        content_sha256=bytes(32),
        decided_at=_AT,
        action=action,
        policy=Policy(
            ground=Ground.INCOMPATIBLE_CONTENT,
            category=Category.SCAMS_AND_FRAUD,
            keyword=Keyword.PHISHING,
            reference="Terms, 4.2",
        ),
        source=Source.ARTICLE_16,
        automated_detection=False,
        automation=Automation.NOT_AUTOMATED,
        language="EN",
        territory=("DE", "GR", "US"),
        rule=BY_PERSON,
        edition="0" * 16,
        because="",
        facts="Four posts asked readers to write down their bank passwords.",
        salt=bytes(16),
    )
