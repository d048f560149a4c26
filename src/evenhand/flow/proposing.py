"""What a matter's own words propose for the form that a person fills in; never a fact, never assessed by itself."""

from collections.abc import Sequence

from evenhand.orders.read_letter import read_letter
from evenhand.vocabulary.matter import MatterFile
from evenhand.vocabulary.reading import ReadProposal
from evenhand.vocabulary.request import Ask

_WHOLE = ("keys", "backdoor", "monitor", "bulk")
"""Asks about the service, not about what is named."""
_ASK_KINDS = ("remove", "disclose", "preserve", *_WHOLE)


def proposals_of(file: MatterFile) -> tuple[ReadProposal, ...]:
    """Return what the text that came, and what its sender answered to our questions, proposes."""
    if file.kept is None:
        return ()
    return read_letter("\n".join((file.kept.text, *file.clarifications)))


def proposed_values(proposals: Sequence[ReadProposal]) -> dict[str, str]:
    """Return the form's fields as they would be: where the words say two things of one field, none of them."""
    said: dict[str, list[str]] = {}
    for each in proposals:
        said.setdefault(each.field, []).append(each.value)
    found = {"legal_basis": "; ".join(said.get("legal_basis", ()))}
    for field, name in (("instrument", "instrument"), ("state", "issuer_country")):
        if len(values := said.get(field, [])) == 1:
            found[name] = values[0]
    return {name: value for name, value in found.items() if value}


def proposed_asks(proposals: Sequence[ReadProposal]) -> tuple[Ask, ...]:
    """Return the asks as the words would have them: each kind about all that is named."""
    targets = tuple(each.value for each in proposals if each.field == "targets")
    kinds = [each.value for each in proposals if each.field == "ask" and each.value in _ASK_KINDS]
    return tuple(
        Ask(id=str(n), kind=kind, targets=() if kind in _WHOLE else targets)  # type: ignore[arg-type] # of the seven
        for n, kind in enumerate(kinds, 1)
    )
