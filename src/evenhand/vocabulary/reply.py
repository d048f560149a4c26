"""A draft of what is answered to whoever sent a request, field by field, before a person approves it."""

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

FilledFrom = Literal["request", "ruling", "platform", "person"]


class ReplyField(Struct, frozen=True, kw_only=True):
    """One field of a reply's form.

    Attributes:
        section: The form's own letter, or "".
        value: What stands in it; empty where a person has to fill it.
        filled_from: Where the value comes from; "person": nothing on record says it.
    """

    section: str
    name: str
    label: str
    value: str
    filled_from: FilledFrom


class Reply(Struct, frozen=True, kw_only=True):
    """A draft in the regime's own form.

    Attributes:
        form: Id of the form's row.
        edition: The row's first day.
        recalled: The form was not checked against its source yet.
        text: The same as plain text.
    """

    form: str
    edition: str
    source: str
    recalled: bool
    language: str
    title: str
    fields: tuple[ReplyField, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who answers.

    Attributes:
        representative: Name and address of the legal representative in the Union.
        contact: Address of the point of contact for authorities.
    """

    name: str
    representative: str
    contact: str
