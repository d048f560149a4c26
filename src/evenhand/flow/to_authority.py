"""What leaves for the authority behind a matter: one shape for replies, questions, reminders and what followed."""

from evenhand.flow.letters import as_body
from evenhand.flow.office import Office
from evenhand.flow.requests import sealed_for
from evenhand.statements.letter import Letter
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import CommitKey, Effect
from evenhand.vocabulary.matter import MatterFile


def to_authority(
    office: Office, file: MatterFile, key: CommitKey, what: str, letter: Letter | None, text: str, **more: str
) -> Effect:
    """Return the effect that tells a matter's sender something, by the way on which the request came.

    Args:
        office: The desk.
        file: The matter.
        key: The effect's own.
        what: Kind of message, as the courier and the portal tell them apart.
        letter: The finished letter around the text; None where the desk has no wordings.
        text: What was approved, or is said by the clock.
        more: Of some: `in_reply_to`, the message that is answered; `receipt_of`, hex of what is receipted; `sha256`, of
            the approved text.
    """
    kept = file.kept
    body = {
        "entrance": kept.entrance if kept else "portal",
        "in_reply_to": "",
        "letter": as_body(letter),
        "matter": file.stream.hex(),
        "receipt_of": "",
        "reference": office.references.format("request", file.number),
        "text": text,
        "to": kept.sender if kept else "",
        "what": what,
    }
    return Effect(kind="tell.authority", key=key, body=encode(body | more), subject=sealed_for(file.stream))
