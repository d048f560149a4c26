"""Who sent a letter, from its address and its DKIM signature together. Pure; the verdict is one small table.

No row says that the officer wrote: an emergency needs a call-back through registry data older than the request.
"""

from collections.abc import Mapping

from evenhand.orders.identify import Identification
from evenhand.orders.identify_mailbox import Mailbox, parse_mailbox
from evenhand.orders.identify_signed import Verified, with_signature
from evenhand.vocabulary.letter import DkimResult, Letter, SenderCheck, SenderVerdict, SignatureResult

VERDICTS: Mapping[tuple[SenderVerdict, DkimResult], tuple[SenderVerdict, Verified]] = {
    ("accept", "pass"): ("accept", "registry"),
    ("accept", "weak"): ("review", "address"),
    ("accept", "none"): ("review", "address"),
    ("accept", "no-key"): ("review", "address"),
    ("accept", "fail"): ("reject", "none"),
    ("review", "pass"): ("review", "address"),
    ("review", "weak"): ("review", "none"),
    ("review", "none"): ("review", "none"),
    ("review", "no-key"): ("review", "none"),
    ("review", "fail"): ("reject", "none"),
    ("reject", "pass"): ("reject", "none"),
    ("reject", "weak"): ("reject", "none"),
    ("reject", "none"): ("reject", "none"),
    ("reject", "no-key"): ("reject", "none"),
    ("reject", "fail"): ("reject", "none"),
}
"""(what the address says, what DKIM says) → (verdict, fact for the assessor)."""

DKIM_SENTENCES: Mapping[DkimResult, str] = {
    "pass": "The domain's own signature verifies and covers what matters.",
    "weak": "The domain's signature verifies, but does not count.",
    "none": "The domain has not signed the message.",
    "no-key": "The domain's signature cannot be verified: its key is not known here.",
    "fail": "The domain's signature does not verify: the message is not as it was signed.",
}


def sender_check(
    letter: Letter,
    found: Identification,
    authorities: tuple[str, ...],
    dkim: DkimResult,
    lacking: tuple[str, ...],
    signed: tuple[SignatureResult, tuple[str, ...]] = ("none", ()),
) -> SenderCheck:
    """Return the check's result.

    Args:
        letter: The letter whose From field `found` judges.
        found: What the address says.
        authorities: Ids of those who write from its domain.
        dkim: What the From domain's signatures say.
        lacking: Why a verified signature does not count.
        signed: What the letter's own signature (S/MIME, OpenPGP) is worth, and why.
    """
    verdict, verified = VERDICTS[found.result, dkim]
    verdict, verified = with_signature(
        verdict, verified, signed[0], address=found.result == "accept", dkim_fails=dkim == "fail"
    )
    reasons = [found.reason]
    if found.result != "reject":
        reasons += [DKIM_SENTENCES[dkim], *lacking, *signed[1]]
    if verdict == "accept" and (elsewhere := answers_elsewhere(letter, found.address)):
        verdict = "review"
        reasons.append(f"Answers are to go elsewhere: {elsewhere}.")
    return SenderCheck(
        address=found.address,
        result=found.result,
        dkim=dkim,
        lookalike=found.registered if found.ground in ("look-alike", "not-ascii") else "",
        authorities=authorities,
        verdict=verdict,
        verified=verified,
        reasons=tuple(reasons),
        signature=signed[0],
    )


def answers_elsewhere(letter: Letter, address: str) -> str:
    """Return the domain that Reply-To names if it is not the sender's, "an unreadable address" or ""."""
    domain = address.rpartition("@")[2]
    for value in letter.values("reply-to"):
        mailbox = parse_mailbox(value)
        if not isinstance(mailbox, Mailbox):
            return "an unreadable address"
        if mailbox.domain != domain:
            return mailbox.domain
    return ""
