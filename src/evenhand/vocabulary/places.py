"""Names of the desk's kept orders and the keys in them: what the desk's rules write, `views.desk` reads.

Ids that could name somebody stand in them only as keyed hashes of 16 bytes.
"""

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NewType

from evenhand.vocabulary.commit import Stream

Hash16 = NewType("Hash16", bytes)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

OPEN = "open"  # every open case, by the instant it was opened
DUE = "due"  # every open case, by deadline
OVERDUE = "overdue"  # those whose deadline has passed, by deadline
CLOSING = "closing"  # proposals whose window is open, by its end
CONFIRMING = "confirming"  # notices whose receipt is still to be confirmed by mail
TELLING = "telling"  # a machine's decisions of which the affected person is still to be told, by the instant
ANSWERING = "answering"  # decided cases whose notifiers are still to be answered
BY_ITEM = "item"  # item hash, then opened
BY_AUTHOR = "author"  # author hash, then opened
BY_CAMPAIGN = "campaign"  # campaign, then case
CONTENT = "content"  # content hash → its case; label "open", "fine", "gone" or "mild"
ITEM_NOW = "item-now"  # item hash → SHA-256 of its content as it is now
URL = "url"  # location hash → item stream
TOUCHED = "touched"  # staff hash, item hash: who had which item
DECIDED = "decided"  # every decided case, by the instant
APPEAL_OF = "appeal-of"  # a case's stream → its appeal's case; label "open" or "decided"
SIMILAR = "similar"  # hash of a likeness, then decided, the newest first
WALLED = "walled"  # hash of a decision made behind the wall
REVERSED = "reversed"  # decision number → the case that reversed it
RESTORED = "restored"  # content hash and person hash of what was restored on appeal → the appeal's case
RESTORED_CONTENT = "restored-content"  # content hash → an appeal's case: whose it was stands in the line above
UNDOING = "undoing"  # appeals whose reversal the platform has still to carry out, by when it is told anyway
UNDOING_OF = "undoing-of"  # a case's stream → the appeal whose reversal of it is still to be carried out
CHASED = "chased"  # decided, not yet done by the platform, by the instant
BANNED = "banned"  # content or person hash + case → case that banned
MISUSE = "misuse"  # notifier hash; label: "warned", or the end of a suspension in seconds since 1970
BAND = "band"  # band of a fingerprint → campaign; label: the whole fingerprint
CAMPAIGNS = "campaigns"  # campaigns of ten notices and more
SAVED = "saved"  # staff hash, search: saved searches
CASE_OF_ACTION = "case-of-action"  # key of a platform effect → the case that it belongs to
TEST_DONE = "test-done"  # decided test cases, by the instant at which they look done
TEST_OF = "test-of"  # a decided case → the test case in which it is decided once more; read by quality alone
LAST_DONE = "last-done"  # one line; label: when the newest case was decided that the platform has carried out
TEST = "test"  # streams of hidden test cases; read by quality alone
DISPUTE = "dispute"  # disputes that are open, by the body's deadline
ALARM = "alarm"  # life-and-death clocks that run, by their end


def queue_view(queue: str) -> str:
    """Return the view of the cases that wait in a queue, by deadline."""
    return f"queue/{queue}"


def second_view(queue: str) -> str:
    """Return the view of the cases of a queue that wait for a second person, by deadline."""
    return f"second/{queue}"


def mine_view(person: Hash16) -> str:
    """Return the view of what a person has in hand, by deadline."""
    return f"mine/{person.hex()}"


def decided_view(by: str, value: str) -> str:
    """Return the view of decided cases with this category, rule or action, by the instant of the decision."""
    return f"decided/{by}/{value}"


def keyed_hash(key: bytes, what: str, *parts: str) -> Hash16:
    """Return the hash that stands for `parts`, of a kind `what`, under the desk's index key (32 bytes)."""
    hashed = _keyed(key, what).copy()
    for text in parts:
        part = text.encode("utf-8", "surrogatepass")
        hashed.update(len(part).to_bytes(4, "big") + part)
    return Hash16(hashed.digest())


@lru_cache(maxsize=256)
def _keyed(key: bytes, what: str) -> "blake2b":
    """Return a hash that has taken in its key, to be copied: that is half of the work of a short hash."""
    return blake2b(digest_size=16, key=key, person=what.encode())


@lru_cache(maxsize=256)  # a call's notices came at one instant, and each asks for it a dozen times
def instant_key(instant: datetime) -> bytes:
    """Return 8 bytes that sort like the instant: microseconds since 1970 UTC."""
    return microseconds(instant).to_bytes(8, "big")


def microseconds(instant: datetime) -> int:
    """Return microseconds since 1970 UTC; instants before count as 1970."""
    span = instant - _EPOCH
    return max(0, (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds)


def by_instant(instant: datetime, stream: Stream) -> bytes:
    """Return a sort key: the instant, then the stream that makes it unique."""
    return instant_key(instant) + stream


def item_stream(item: Hash16) -> Stream:
    """Return the stream of an item's own records. It has no day: an item is the same for ever."""
    return Stream(b"\0\0\0\1" + item)


def author_stream(author: Hash16) -> Stream:
    """Return the stream of an author's record: strikes and sanctions."""
    return Stream(b"\0\0\0\2" + author)


def notifier_stream(notifier: Hash16) -> Stream:
    """Return the stream of a notifier's record."""
    return Stream(b"\0\0\0\3" + notifier)


def campaign_stream(campaign: Hash16) -> Stream:
    """Return the stream of a campaign."""
    return Stream(b"\0\0\0\5" + campaign)


def notices_stream(case: Stream) -> Stream:
    """Return the stream of the notices that joined a case: they may be thousands, and the case's own story is short."""
    return Stream(b"\0\0\0\4" + blake2b(case, digest_size=16).digest())


def case_fact(case: Stream) -> str:
    """Return the fact that every act on a case relies on and moves on."""
    return f"case/{case.hex()}"


def author_fact(author: str) -> str:
    """Return the fact that moves on with an author's record; `author` is the keyed hash in hex."""
    return f"author/{author}"


def content_fact(content: str) -> str:
    """Return the fact that moves on when a case about this content opens or closes, or the content is woken."""
    return f"content/{content}"
