"""Which door a letter belongs to: grounds in a fixed order, the first that is met decides. Pure.

    1. it came by itself (bounce, absence note, newsletter)         other, unless a registered authority wrote it
    2. a registered authority's address, or one below it, wrote it   authority-request
    3. the model says that it reads like an authority's request      authority-request
    4. else                                                          the door that it came to

A model proposes, a person moves: a letter at the wrong door is marked, never moved by this.
"""

from msgspec import Struct

from evenhand.vocabulary.letter import DoorFinding, Letter, MailDoor, SenderCheck


class Proposal(Struct, frozen=True, kw_only=True, gc=False):
    """What the model says of a text.

    Attributes:
        score: 0 to 1; 1: reads like an authority's request.
        threshold: From here on it is proposed.
        because: Cues that weighed most for it, at most a few.
    """

    score: float
    threshold: float
    because: tuple[str, ...] = ()

    @property
    def proposed(self) -> bool:
        """Whether the text is to be shown to a person as an authority's request."""
        return self.score >= self.threshold


def automatic(letter: Letter) -> str:
    """Return why a letter counts as sent by a machine, "" if nothing says so (RFC 3834)."""
    for value in letter.values("auto-submitted"):
        if value.strip().lower().split(";")[0] != "no":
            return "Auto-Submitted says that a machine answered."
    if any("<>" in value for value in letter.values("return-path")):
        return "It has the empty return path of bounces."
    if letter.values("list-id") or letter.values("list-unsubscribe"):
        return "It came through a mailing list."
    if any(value.strip().lower() in ("bulk", "junk", "list") for value in letter.values("precedence")):
        return "Precedence says that it is a bulk mailing."
    return ""


def which_door(
    letter: Letter, sender: SenderCheck, addressed: str, came_to: MailDoor, proposal: Proposal
) -> DoorFinding:
    """Return the door that the letter came to and the one that it belongs to, with the reasons."""
    belongs, reasons = _belongs(letter, sender, came_to, proposal)
    return DoorFinding(
        addressed=addressed,
        came_to=came_to,
        belongs_to=belongs,
        wrong_door=belongs == "authority-request" and came_to != "authority-request",
        reasons=reasons,
    )


def _belongs(
    letter: Letter, sender: SenderCheck, came_to: MailDoor, proposal: Proposal
) -> tuple[MailDoor, tuple[str, ...]]:
    registered = sender.verdict != "reject"
    machine = automatic(letter)
    reads = f"It reads like an authority's request (score {proposal.score:.2f}, from {proposal.threshold:.2f})."
    if machine and not (registered and proposal.proposed):
        return "other", (machine,)
    if registered:
        told = "Its address belongs to a registered authority, or lies below one."
        return "authority-request", (told, *((reads,) if proposal.proposed else ()))
    if proposal.proposed:
        return "authority-request", (reads, *(f"Cue: {cue}." for cue in proposal.because))
    return came_to, ("Nothing says that it belongs elsewhere.",)
