"""Public entries say what the page says, and nothing private."""

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from made import decision

from evenhand.release.rules import decision_entry, private_part, screened_entry


def test_entry_is_canonical_and_complete() -> None:
    """Keys sorted, no spaces, absent where unknown; the documented keys and no others."""
    entry = decision_entry(decision("a"))
    value = json.loads(entry)
    assert entry == json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    assert value["keyword"] == "KEYWORD_PHISHING"
    assert value["day"] == "2026-11-23"
    assert "territory" not in value
    assert "replayed" not in value
    bare = json.loads(decision_entry(replace(decision("a"), language=None, replayed=True, territory=("DE", "FR"))))
    assert "language" not in bare
    assert bare["replayed"] is True
    assert bare["territory"] == ["DE", "FR"]


def test_commitment_opens_with_salt_and_private_part_only() -> None:
    """SHA-256 over salt and private part; another salt gives another commitment, the same public rest."""
    made = decision("a")
    value = json.loads(decision_entry(made))
    assert value["commitment"] == sha256(made.salt + private_part(made)).hexdigest()
    other = json.loads(decision_entry(replace(made, salt=bytes(16))))
    assert other.pop("commitment") != value.pop("commitment")
    assert other == value


def test_nothing_private_is_in_the_entry() -> None:
    """Neither ids nor sentences stand in the public bytes."""
    made = decision("a")
    entry = decision_entry(made).decode()
    for secret in (made.item_id, made.because, made.facts, str(made.subject), made.content_sha256.hex()):
        assert secret not in entry


def test_short_salt_and_free_text_are_refused() -> None:
    """A caller's bug never reaches the log."""
    with pytest.raises(ValueError, match="salt"):
        decision_entry(replace(decision("a"), salt=b""))
    with pytest.raises(ValueError, match="ASCII"):
        decision_entry(replace(decision("a"), rule="täuschung"))


def test_screened_entry() -> None:
    """Counts of a batch, canonical."""
    entry = screened_entry(date(2026, 11, 23), "0" * 16, 3, {"post": 3}, {"und": 1, "de": 2}, {"allow": 3})
    assert entry == (
        b'{"by_kind":{"post":3},"by_language":{"de":2,"und":1},"by_verdict":{"allow":3},"day":"2026-11-23",'
        b'"edition":"0000000000000000","posts":3,"type":"screened","v":1}'
    )
