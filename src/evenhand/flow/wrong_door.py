"""Whether a text that came in anywhere reads like an authority's request: a proposal for a person."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from evenhand.orders.wrong_door import Proposal
from evenhand.orders.wrong_door_model import DoorModel, load_door_model
from evenhand.vocabulary.errors import InputError


@cache
def shipped_door_model() -> DoorModel:
    """Return the model that comes with Evenhand."""
    return load_door_model(files("evenhand.orders").joinpath("wrong_door.npz").read_bytes())


def text_of_line(line: bytes) -> str:
    """Return the text of one {"text": …, "subject": …} line.

    Raises:
        InputError: The line is not such an object; names the field.
    """
    try:
        parsed: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError("", f"is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise InputError("", "must be an object with text")
    for name in ("text", "subject"):
        if not isinstance(parsed.get(name, "" if name == "subject" else None), str):
            raise InputError(name, "must be a text")
    return f"{parsed.get('subject', '')}\n{parsed['text']}"


def proposal_as_words(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as it is printed."""
    return {
        "proposed": proposal.proposed,
        "score": round(proposal.score, 3),
        "threshold": round(proposal.threshold, 3),
        "because": list(proposal.because),
    }
