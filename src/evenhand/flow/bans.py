"""A ban covers the same content put up again, and obvious evasion: the banned person's next channel or account."""

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from evenhand.flow.decision import Chance, content_effect
from evenhand.flow.machine import machine_case
from evenhand.flow.office import Office, load_case
from evenhand.flow.opening import Subject
from evenhand.flow.restored import Again, Restored, restored_before, why
from evenhand.flow.reviews import Review, open_reviews
from evenhand.release.rules import SALT_BYTES, decision_entry
from evenhand.vocabulary.case import CaseFile
from evenhand.vocabulary.commit import Commit, Stream, commit_key
from evenhand.vocabulary.decision import Action, Decision
from evenhand.vocabulary.eu import Automation, Source
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import BANNED, Hash16
from evenhand.vocabulary.post import ItemKind

REUPLOAD = "ban-reupload"
EVASION = "ban-evasion"
"""Names of the two rules in public entries and in cases."""
_BECAUSE = MappingProxyType(
    {
        REUPLOAD: "The very content of a banned item.",
        EVASION: "It belongs to a person whose channel or account was banned.",
    }
)
_NO_EDITION = "0" * 16
_BANS_LOOKED_AT = 100


def meet_ban(office: Office, item: Snapshot, subject: Subject, *, at: datetime, chance: Chance) -> str:
    """Apply a ban to an item that meets one; return the rule's name, "" for none.

    The very content of a banned item goes at once, as the ban said. A new channel or account of a banned person goes to
    a person to judge: an id that is the same is strong evidence, but evasion is not settled by a machine.
    """
    if subject.content_sha256:
        ban = _ban(office, office.hashed("ban", "content", subject.content_sha256), subject)
        if ban is not None:
            banned = load_case(office, ban)
            if (restored := _restored(office, item, subject, banned)) is not None:
                _review(office, item, banned, REUPLOAD, at, restored)
            else:
                _remove_again(office, item, subject, banned, at, chance)
            return REUPLOAD
    if item.kind in (ItemKind.CHANNEL, ItemKind.ACCOUNT) and item.author:
        ban = _ban(office, office.hashed("ban", "person", item.author), subject)
        if ban is not None:
            _review(office, item, load_case(office, ban), EVASION, at)
            return EVASION
    return ""


def _ban(office: Office, key: Hash16, subject: Subject) -> Stream | None:
    """Return the case of a ban that rests on this content or person; None: none, or only one of the item itself."""
    rows = office.queries.places(BANNED, after=key, until=key + b"\xff" * 21, limit=_BANS_LOOKED_AT)
    return next((row.stream for row in rows if not _is_the_banned(office, row.stream, subject)), None)


def _is_the_banned(office: Office, case: Stream, subject: Subject) -> bool:
    return load_case(office, case).opened.item_key == subject.item.hex()


def _remove_again(
    office: Office, item: Snapshot, subject: Subject, banned: CaseFile, at: datetime, chance: Chance
) -> None:
    assert banned.decision is not None  # noqa: S101 - a ban is a decision
    action = Action.REMOVE if item.kind is ItemKind.POST else Action.BAN
    decision = Decision(
        item=item.kind,
        item_id=item.item_id or item.url,
        subject=subject.sealed_for,
        content_sha256=bytes.fromhex(subject.content_sha256),
        decided_at=at,
        action=action,
        policy=banned.decision.proposal.policy,
        source=Source.VOLUNTARY,
        automated_detection=True,
        automation=Automation.FULLY,
        language=item.language,
        territory=(),
        rule=REUPLOAD,
        edition=banned.opened.edition or _NO_EDITION,
        because=_BECAUSE[REUPLOAD],
        facts="The content is the same, byte for byte, as content that was banned before.",
        salt=chance(SALT_BYTES),
    )
    key = commit_key(at.date(), b"reupload", subject.item, subject.content)
    effect = content_effect(decision, key, at, channel=item.channel, url=item.url)
    seen = replace(item, content_sha256=subject.content_sha256)
    records, places = machine_case(office, Stream(key), seen, decision, spam=False)
    made = Commit(
        key=key,
        decisions=(decision,),
        entries=(decision_entry(decision),),
        effects=(effect,),
        records=records,
        places=places,
    )
    office.docket.commit([made])


def _restored(office: Office, item: Snapshot, subject: Subject, banned: CaseFile) -> Restored | None:
    """Return the restoration on appeal of this very content of the same person, or None."""
    content, category = bytes.fromhex(subject.content_sha256), banned.opened.category.value
    return restored_before(office, item.author or item.channel, content, REUPLOAD, category)


def _review(
    office: Office, item: Snapshot, banned: CaseFile, rule: str, at: datetime, restored: Restored | None = None
) -> None:
    because = _BECAUSE[rule]
    open_reviews(
        office,
        [
            Review(
                item=item,
                at=at,
                category=banned.opened.category,
                keyword=banned.opened.keyword,
                rule=rule,
                version="1",
                edition=banned.opened.edition or _NO_EDITION,
                because=why(office, Again(restored=restored, because=because)) if restored else because,
                restored=restored,
            )
        ],
    )
