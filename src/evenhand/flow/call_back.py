"""What stands between an emergency's answer and its sending: the call-back, judged again at the last moment.

An assessment may say what it likes, and an answer may be written freely: before a call-back that lacks nothing, only
the regime's own drafts that tell nothing of a user may leave, byte for byte as they were filled from the record, and
no measure with them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from evenhand.flow.identify import Identifier
from evenhand.flow.legal import call_back_lacks, every_reply, most_verified, no_stronger
from evenhand.flow.office import Office
from evenhand.orders.emergency import digits, is_emergency
from evenhand.orders.registry import Authority
from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings
from evenhand.vocabulary.matter import CallBack, MatterFile

COURTS = frozenset({"court", "judge", "investigating-judge"})
TELLING = frozenset({"effect", "dsa-10-effect", "e-evidence-delivery"})
"""Forms that come with what was asked for."""
Guard = Callable[[Office, MatterFile], str | None]
"""What a reply still lacks at its sending, in a sentence; None: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackGuard:
    """The guard of a desk that has a registry of authorities."""

    identifier: Identifier
    book: LawBook
    settings: Settings

    def __call__(self, office: Office, file: MatterFile) -> str | None:
        """Return what the reply to this matter lacks."""
        if file.assessed is None:
            return "there is no reply to send"
        known = most_verified(office, self.identifier, file)
        if not no_stronger(file.assessed.facts.verified, known):
            return f"the sender counts as {known} by now: assess the matter anew"
        lacks = call_back_lacks(office, self.identifier, file) if asks_in_haste(file) else ()
        why = f"an emergency is answered after a call-back. {' '.join(lacks)}" if lacks else self._unheard_court(file)
        if why is None:
            return None
        replies = every_reply(office, self.book, self.settings, file)
        drafts = {one.text for one in replies if one.form not in TELLING}
        if file.draft is not None and not file.draft.measures and file.draft.text in drafts:
            return None
        return why

    def _unheard_court(self, file: MatterFile) -> str | None:
        """Return what a private party's demand for data lacks: an order counts once its court has confirmed it."""
        if not demands_data(file):
            return None
        courts = {one.id: one for one in self.identifier.registry.authorities if one.kind in COURTS}
        # The last word of each court counts, as it does for any call.
        said = {call.authority: call.confirmed for call in file.calls if _is_known(courts.get(call.authority), call)}
        if any(said.values()):
            return None
        return "a private party's demand for data is answered once the court has confirmed the case number by telephone"


def demands_data(file: MatterFile) -> bool:
    """Tell whether a private party demands data, as it came or as it was read."""
    came = file.kept.request if file.kept else None
    read = file.assessed.request if file.assessed else None
    return any(
        request is not None
        and request.instrument == "private-demand"
        and any(ask.kind == "disclose" or ask.data for ask in request.asks)
        for request in (came, read)
    )


def _is_known(court: Authority | None, call: CallBack) -> bool:
    """Tell whether a call went to a number that the registry has of a court."""
    return court is not None and digits(call.number) in {digits(row.number) for row in court.call_back}


def without_registry(_office: Office, file: MatterFile) -> str | None:
    """Let no answer to an emergency leave: a desk without a registry has nobody to call back."""
    if asks_in_haste(file) or demands_data(file):
        return "this is answered after a call-back, and this desk has no registry of authorities to call."
    return None


def asks_in_haste(file: MatterFile) -> bool:
    """Tell whether a matter is an emergency, as it came or as it was read: neither reading takes the other's away."""
    came = file.kept.request if file.kept else None
    read = file.assessed.request if file.assessed else None
    needs = file.assessed is not None and "call-back" in file.assessed.ruling.missing
    signed = read is not None and read.signature == "valid"
    return needs or is_emergency(came, signed=signed) or is_emergency(read, signed=signed)
