"""The signals that every post has, whatever lists are loaded: names, types and what they mean."""

from dataclasses import dataclass
from typing import Literal

SignalType = Literal["TEXT", "INTEGER", "DOUBLE", "BOOLEAN"]


@dataclass(frozen=True, slots=True)
class Signal:
    """One column of the table over which rules are written.

    Attributes:
        unit: What one is ("characters", "posts"), or "" where that says nothing.
        meaning: One sentence for whoever writes a rule.
        example: A value, as it is written in a condition.
        nullable: The value may be missing.
    """

    name: str
    type: SignalType
    unit: str
    meaning: str
    example: str
    nullable: bool = False


_SEEN = "this one and those before it in the stream, within 24 hours by the stream's clock in whole hours"
_SAME = "the same normalised text of at least 20 characters (0 for shorter texts)"

BUILT_IN: tuple[Signal, ...] = (
    Signal("kind", "TEXT", "", "What the item is: post, channel or account.", "'post'"),
    Signal("lang", "TEXT", "", "Language that the platform gives, ISO 639-1 in lower case.", "'en'", nullable=True),
    Signal("country", "TEXT", "", "Country that the platform gives, ISO 3166-1 alpha-2.", "'FR'", nullable=True),
    Signal("text_length", "INTEGER", "characters", "Length of the text as it was sent.", "120"),
    Signal("word_count", "INTEGER", "words", "Runs of letters, marks and digits in the text.", "21"),
    Signal("link_count", "INTEGER", "links", "URLs and bare domains in the text, also those written hxxp or [.].", "1"),
    Signal("domain_count", "INTEGER", "domains", "Different registrable domains among the links.", "1"),
    Signal("media_count", "INTEGER", "items", "Pictures, videos and files that come with the post.", "1"),
    Signal("emoji_count", "INTEGER", "emoji", "Emoji in the text; a joined sequence counts once.", "3"),
    Signal("uppercase_share", "DOUBLE", "0 to 1", "Upper-case letters among all letters; 0 without letters.", "0.4"),
    Signal("digit_share", "DOUBLE", "0 to 1", "Digits among all characters; 0 for an empty text.", "0.05"),
    Signal("mention_count", "INTEGER", "mentions", "@names in the text; e-mail addresses are none.", "2"),
    Signal("forwarded", "BOOLEAN", "", "Whether the post was forwarded from elsewhere.", "TRUE"),
    Signal("channel_members", "INTEGER", "members", "Members of the channel.", "5000", nullable=True),
    Signal("author_age_days", "DOUBLE", "days", "Age of the account when it posted.", "2.5", nullable=True),
    Signal("author_posts", "INTEGER", "posts", f"Items by the author: {_SEEN}; 0 without an author.", "12"),
    Signal("channel_posts", "INTEGER", "posts", f"Items in the channel: {_SEEN}; 0 without a channel.", "80"),
    Signal("same_text_posts", "INTEGER", "posts", f"Items with {_SAME}: {_SEEN}.", "9"),
    Signal("same_text_authors", "INTEGER", "authors", f"Different authors of items with {_SAME}: {_SEEN}.", "4"),
    Signal("same_text_channels", "INTEGER", "channels", f"Different channels of items with {_SAME}: {_SEEN}.", "7"),
    Signal(
        "alike_text_posts",
        "INTEGER",
        "posts",
        f"Items with the same letters in a row, at least 20, whatever digits, emoji and signs stand between: {_SEEN}.",
        "9",
    ),
    Signal(
        "domain_posts",
        "INTEGER",
        "posts",
        f"Items that link to the same registrable domain, of several the one linked most: {_SEEN}; 0 without a link.",
        "30",
    ),
    Signal(
        "hidden_characters",
        "INTEGER",
        "characters",
        "Zero-width and direction-control characters, except joiners that a script or an emoji needs.",
        "3",
    ),
    Signal("mixed_script_words", "INTEGER", "words", "Words with letters of two scripts that look alike.", "1"),
    Signal(
        "spam_score",
        "DOUBLE",
        "0 to 1",
        "The classifier's opinion; from 0.5 on it was right about spam 98 times in 100 when it was trained.",
        "0.93",
    ),
    Signal("list_hits", "INTEGER", "hits", "Hits over all lists.", "2"),
    Signal("lists_hit", "INTEGER", "lists", "How many lists were hit.", "1"),
    Signal("unclaimed_list_hits", "INTEGER", "hits", "Hits in lists that no rule names.", "1"),
)
"""The documented table of signals, in the order of its columns; each list adds one more, named like its file."""
