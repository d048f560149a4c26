"""One suite for every store: what `views.records.RecordQueries` promises of what was committed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from made import DAY, STREAM, act, commit, record
from msgspec.structs import replace as with_fields

from evenhand.vocabulary.commit import Done, Duplicate, Stream, commit_key

OTHER = Stream(commit_key(DAY, b"another case"))


def test_a_stream_tells_its_story(store: Any, reopen: Callable[[Any], Any]) -> None:
    """Records read back by number, by stream and by act, byte for byte and in order."""
    outcomes = store.commit(
        [
            act("a", records=(record("one"), record("two", stream=OTHER))),
            act("b", records=(record("three", subject=None),)),
        ]
    )
    assert [outcome.records for outcome in outcomes] == [(1, 2), (3,)]
    store = reopen(store)
    assert [row.body for row in store.records(STREAM)] == [b"one\x00\xff", b"three\x00\xff"]
    assert [row.number for row in store.records(STREAM, after=1)] == [3]
    assert [row.number for row in store.records(STREAM, limit=1)] == [1]
    assert [row.number for row in store.records_of_act(1)] == [1, 2]
    assert (store.record(2).stream, store.record(2).kind) == (OTHER, "message")
    assert store.record(2).at.isoformat() == "2026-11-23T14:00:00+00:00"
    assert store.record(9) is None
    assert store.acts_of([OTHER, STREAM, Stream(b"\0" * 20)]) == {STREAM: 1, OTHER: 1}
    assert store.acts_of([]) == {}
    whole = {STREAM: store.records(STREAM), OTHER: store.records(OTHER)}
    assert store.stories([OTHER, STREAM, Stream(b"\0" * 20)]) == whole
    assert store.stories([STREAM]) == {STREAM: whole[STREAM]}
    assert store.stories([]) == {}
    assert store.commit([act("c", records=(record("four"),))]) == [Done(act=3, decisions=(), entries=(), records=(4,))]
    assert store.commit([act("a", records=(record("other"),))]) == [Duplicate(act=1)]


def test_places_keep_their_order(store: Any, reopen: Callable[[Any], Any]) -> None:
    """A view reads in byte order whatever the order of the acts; dropped is gone, put again replaces."""
    store.commit(
        [act("a", places=(("q", b"\x02"), ("q", b"\x01"), ("other", b"\x00"))), act("b", places=(("q", b"\xff"),))]
    )
    store.commit([act("c", drops=(("q", b"\x02"), ("q", b"absent")), places=(("q", b"\x01"),))])
    store = reopen(store)
    assert [(row.sort, row.label) for row in store.places("q")] == [(b"\x01", b"c"), (b"\xff", b"b")]
    assert [row.sort for row in store.places("q", after=b"\x01")] == [b"\xff"]
    assert [row.sort for row in store.places("q", until=b"\xff")] == [b"\x01"]
    assert [row.sort for row in store.places("q", limit=1)] == [b"\x01"]
    assert store.places("nothing") == []


def test_one_group_moves_a_place_twice(store: Any) -> None:
    """Acts of one group see each other's places in their order: put, drop, put; and a drop at the end."""
    again = act("c", places=(("q", b"1"),))
    store.commit([act("a", places=(("q", b"1"), ("q", b"2"))), act("b", drops=(("q", b"1"), ("q", b"2"))), again])
    assert [(row.sort, row.label) for row in store.places("q")] == [(b"1", b"c")]


def test_tallies_are_kept_up(store: Any, reopen: Callable[[Any], Any]) -> None:
    """Tallies add up over acts and groups; those at 0 are not shown."""
    store.commit([act("a", tallies=(("open/x", 2), ("open/y", 1))), act("b", tallies=(("open/x", 1), ("shut", 5)))])
    store.commit([act("c", tallies=(("open/y", -1),)), act("c", tallies=(("open/x", 100),))])
    store = reopen(store)
    assert dict(store.tallies("open/")) == {"open/x": 3}
    assert dict(store.tallies("")) == {"open/x": 3, "shut": 5}


def test_erasing_a_subject_empties_records(store: Any) -> None:
    """What was said by a person goes with the person's key; that it was said, and what others said, stays."""
    store.commit([act("a", records=(record("one"), record("two", subject="author-2")))])
    assert store.erase_subject("author-1")
    assert [row.body for row in store.records(STREAM)] == [None, b"two\x00\xff"]
    assert store.stories([STREAM]) == {STREAM: store.records(STREAM)}
    store.commit([act("b", records=(record("three"),))])
    assert store.record(3).body == b"three\x00\xff"


def test_effects_and_facts_are_read_in_order(store: Any) -> None:
    """Couriers read effects from a number on; a fact's version tells how often it was advanced."""
    store.commit([commit("a", advances=("x",)), commit("b", subject=None), commit("c", subject="author-2")])
    assert [row.body for row in store.effects(after=1, limit=2)] == [b'{"id":"b"}', b'{"id":"c"}']
    assert (store.fact("x"), store.fact("y")) == (1, 0)
    store.erase_subject("author-2")
    assert store.effects(after=2, limit=5)[0].body is None
    named = store.effects_named([store.effects(after=1, limit=1)[0].key, commit_key(DAY, b"nothing")])
    assert [(row.number, row.act) for row in named.values()] == [(2, 2)]
    assert store.effects_named([]) == {}
    assert [[row.number for row in store.effects_of_act(act)] for act in range(1, 5)] == [[1], [2], [3], []]
    kinds = [(row.number, row.kind, row.key) for row in store.effects(after=0, limit=9)]
    assert store.effect_kinds(after=0, limit=9) == kinds
    assert store.effect_kinds(after=1, limit=1) == kinds[1:2]


def test_places_and_facts_in_one_look(store: Any, reopen: Callable[[Any], Any]) -> None:
    """What stands at given places, and versions of given facts, are read together; what is not there is left out."""
    store.commit([act("a", places=(("q", b"\x00\x01"), ("r", b"\xff"))), commit("b", advances=("x", "y"))])
    store.commit([commit("c", advances=("x",))])
    store = reopen(store)
    asked = [("q", b"\x00\x01"), ("r", b"\xff"), ("q", b"\xff"), ("none", b"")]
    found = store.at(asked)
    assert {where: (row.sort, row.stream, row.label) for where, row in found.items()} == {
        where: (where[1], STREAM, b"a") for where in asked[:2]
    }
    assert dict(store.facts(["x", "y", "z"])) == {"x": 2, "y": 1, "z": 0}
    assert (dict(store.at([])), dict(store.facts([]))) == ({}, {})


def test_decisions_are_found_by_their_act(store: Any, reopen: Callable[[Any], Any]) -> None:
    """An act leads to the numbers of its decisions, whoever made them; one that decided nothing leads to none."""
    made = with_fields(commit("a"), decisions=tuple(replace(one, rule="person") for one in commit("a").decisions))
    several = with_fields(commit("c"), decisions=commit("c").decisions * 3)
    store.commit([commit("b"), made, act("nothing"), several, commit("d")])
    store = reopen(store)
    found = [[row.number for row in store.decisions_of_act(number)] for number in range(1, 7)]
    assert found == [[1], [2], [], [3, 4, 5], [6], []]
