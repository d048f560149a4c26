"""A decision → its statement of reasons and its letter, to be looked at first, then to be sent with the decision.

`prepare` is what a moderator sees before the decision is made; `database_effect` carries its statement to the EU
database; its letter goes to the person concerned with `flow.telling`. Both are made once, so what was shown is sent.
"""

from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec

from evenhand.statements.judge import Errors
from evenhand.statements.letter import Letter, Redress, statement_letter
from evenhand.statements.rules import Circumstances, Need, Particulars, statement_needed
from evenhand.statements.sentences import Wordings
from evenhand.statements.statement import judged_statement
from evenhand.statements.wording import load_wordings
from evenhand.vocabulary.commit import Effect, commit_key
from evenhand.vocabulary.decision import Decision

TO_DATABASE = "eu-database.statement"
"""Kind of the effect that brings a statement to the EU database."""

_ENCODE = msgspec.json.Encoder(order="sorted").encode


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What would be sent.

    Attributes:
        need: Whether Art. 17 asks for a statement, and the rows that say it does not.
        statement: For the EU database, without personal data; None where none is needed.
        errors: What the database would have against it; empty unless something of ours is wrong.
        letter: For the person concerned; None where none is needed.
    """

    need: Need
    statement: dict[str, Any] | None = None
    errors: Errors
    letter: Letter | None = None


def read_wordings(data: Path) -> Wordings:
    """Return the sentences that come along, with those below the data directory's letters/ over them.

    Raises:
        InputError: A file cannot be used; names it and the sentence.
    """
    own = data / "letters"
    return load_wordings(*([own] if own.is_dir() else []))


def prepare(
    decision: Decision,
    particulars: Particulars,
    around: Circumstances,
    redress: Redress,
    wordings: Wordings,
    language: str | None,
    platform: str,
) -> Prepared:
    """Return the statement and the letter of a decision, or why there are none.

    Args:
        decision: As it would be committed.
        particulars: What is told beyond it.
        around: What decides whether anything is told.
        redress: Where the person can turn.
        wordings: Every language's sentences.
        language: The person's, ISO 639-1; English where it has no sentences.
        platform: Its name.

    Raises:
        InputError: Something to be told is missing or wrong; names the field of the decision or the particulars.
    """
    need = statement_needed(decision, around)
    if not need.needed:
        return Prepared(need=need, errors={})
    statement, errors = judged_statement(decision, particulars)
    letter = statement_letter(wordings.pick(language), decision, particulars, redress, platform)
    return Prepared(need=need, statement=statement, errors=errors, letter=letter)


def database_effect(prepared: Prepared, decision: Decision, reference: str) -> Effect | None:
    """Return what goes to the EU database with the decision's commit; None: nothing.

    Args:
        prepared: What was shown.
        decision: What it was prepared for.
        reference: The decision's public reference; the statement of one reference is sent once.
    """
    if prepared.statement is None:
        return None
    day = decision.decided_at.astimezone(UTC).date()
    return Effect(
        kind=TO_DATABASE,
        key=commit_key(day, TO_DATABASE.encode(), reference.encode()),
        body=_ENCODE(prepared.statement),
        subject=None,
    )
