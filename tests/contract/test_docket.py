"""One suite for every store: what `desk.ports.Docket` promises."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from made import DAY, commit

from evenhand.vocabulary.commit import Done, Duplicate, FactVersion, Stale
from evenhand.vocabulary.errors import Fatal


def test_numbers_have_no_gaps(store: Any) -> None:
    """Acts and decisions count from 1, entries from 0, in commit order."""
    outcomes = store.commit([commit("a"), commit("b", decisions=2, entries=3), commit("c", decisions=0, entries=0)])
    assert outcomes == [
        Done(act=1, decisions=(1,), entries=(0,)),
        Done(act=2, decisions=(2, 3), entries=(1, 2, 3)),
        Done(act=3, decisions=(), entries=()),
    ]
    assert store.commit([commit("d")]) == [Done(act=4, decisions=(4,), entries=(4,))]


def test_again_changes_nothing(store: Any, reopen: Callable[[Any], Any]) -> None:
    """The same key again, in the group, later, or after a restart, is a duplicate that names the first act."""
    assert store.commit([commit("a"), commit("a")]) == [
        Done(act=1, decisions=(1,), entries=(0,)),
        Duplicate(act=1),
    ]
    store = reopen(store)
    assert store.commit([commit("a")]) == [Duplicate(act=1)]
    assert store.entry_count() == 1
    assert len(store.decisions_on(DAY, before=None, limit=10)) == 1
    assert dict(store.counts_on(DAY)) == {("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "remove"): 1}


def test_stale_is_left_out_and_the_rest_goes_in(store: Any) -> None:
    """An act that relied on an older version writes nothing; others of its group do."""
    first = commit("a", advances=("item/1",))
    late = commit("b", relies_on=(FactVersion(name="item/1", version=0),))
    right = commit("c", relies_on=(FactVersion(name="item/1", version=1),))
    assert store.commit([first, late, right]) == [
        Done(act=1, decisions=(1,), entries=(0,)),
        Stale(fact="item/1", version=1),
        Done(act=2, decisions=(2,), entries=(1,)),
    ]
    again = commit("b", relies_on=(FactVersion(name="item/1", version=1),))
    assert isinstance(store.commit([again])[0], Done)


def test_facts_survive(store: Any, reopen: Callable[[Any], Any]) -> None:
    """Versions are there after a restart."""
    store.commit([commit("a", advances=("x", "x"))])
    store = reopen(store)
    assert store.commit([commit("b", relies_on=(FactVersion(name="x", version=0),))]) == [Stale(fact="x", version=2)]


def test_refused_row_undoes_the_group(store: Any) -> None:
    """An effect's key that is there already stops the process; nothing of the group is written."""
    store.commit([commit("a", effect="same")])
    with pytest.raises(Fatal):
        store.commit([commit("b"), commit("c", effect="same")])
    assert store.entry_count() == 1
    assert store.commit([commit("b")]) == [Done(act=2, decisions=(2,), entries=(1,))]


def test_views_show_what_was_committed(store: Any, reopen: Callable[[Any], Any]) -> None:
    """A decision reads back whole."""
    store.commit([commit("a"), commit("b", subject=None)])
    store = reopen(store)
    newest, oldest = store.decisions_on(DAY, before=None, limit=5)
    assert (newest.number, oldest.number) == (2, 1)
    assert oldest.item_id == "post-a-0"
    assert oldest.because == "because a-0"
    assert oldest.salt == sha256(b"a-0").digest()[:16]
    assert oldest.decided_at.isoformat() == "2026-11-23T12:30:15.123456+00:00"
    assert (oldest.entry, newest.entry) == (0, 1)
    assert oldest.keyword == "KEYWORD_PHISHING"
    assert store.decision(1) == oldest
    assert store.decision(9) is None
    assert [row.number for row in store.decisions_on(DAY, before=2, limit=5)] == [1]
    assert store.days() == [DAY]
    assert store.entries(0, 2) == [b'{"name":"a","n":0}', b'{"name":"b","n":0}']


def test_erasing_a_subject_leaves_the_rest(store: Any, reopen: Callable[[Any], Any]) -> None:
    """Destroying a subject's key empties what was about it, for good; new rows of the subject are readable."""
    store.commit([commit("a"), commit("b", subject="author-2")])
    assert store.erase_subject("author-1")
    assert not store.erase_subject("author-1")
    store.commit([commit("c")])
    store = reopen(store)
    rows = {row.number: row for row in store.decisions_on(DAY, before=None, limit=5)}
    assert (rows[1].erased, rows[1].item_id, rows[1].because) == (True, "", "")
    assert (rows[2].erased, rows[2].item_id) == (False, "post-b-0")
    assert (rows[3].erased, rows[3].item_id) == (False, "post-c-0")


def test_head_is_kept(store: Any, reopen: Callable[[Any], Any]) -> None:
    """The signed head survives a restart; before the first it is the empty tree's."""
    assert store.signed_head()[0] == 0
    store.set_signed_head(7, b"r" * 32)
    store = reopen(store)
    assert store.signed_head() == (7, b"r" * 32)
