"""What a classifier may learn from: copies once, contradictions and lying accounts not at all, honest ones always."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening.samples import vet


def test_copies_stay_once_and_contradictions_go() -> None:
    """Of three near-copies of one label one stays; a group with both labels goes; the rest stays."""
    spam = np.array([True, True, True, True, False, False])
    groups = np.array([0, 0, 0, 1, 1, 2])
    found = vet(spam, groups, np.full(6, 0.5), [""] * 6, [""] * 6)
    assert found.kept.tolist() == [True, False, False, False, False, True]
    assert (found.copies, found.contradictory, found.suspicious) == (2, 2, 0)


def test_an_account_that_flips_labels_is_found() -> None:
    """One of ten moderators says ham to what is surely spam: only their samples are set aside, and they are named."""
    random = np.random.default_rng(1)
    spam = random.random(500) < 0.5
    scores = np.where(spam, 0.97, 0.03)
    by = [f"mod{n % 10}" for n in range(500)]
    lying = np.array([name == "mod3" for name in by])
    told = np.where(lying, ~spam, spam)
    found = vet(told, np.arange(500), scores, by, [""] * 500)
    assert [(each.role, each.account) for each in found.suspects] == [("by", "mod3")]
    assert found.suspicious == 50
    assert (found.kept == ~lying).all()


def test_honest_accounts_are_left_alone() -> None:
    """Red control: where the serving model is wrong as often with everyone, nobody is accused."""
    random = np.random.default_rng(2)
    spam = random.random(600) < 0.5
    wrong = random.random(600) < 0.08
    scores = np.where(spam ^ wrong, 0.97, 0.03)
    found = vet(spam, np.arange(600), scores, [f"mod{n % 6}" for n in range(600)], [f"a{n}" for n in range(600)])
    assert found.suspects == ()
    assert found.kept.all()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.floats(0, 1), st.sampled_from(["", "a", "b"])), max_size=30)
)
def test_everything_is_accounted_for(rows: list[tuple[bool, int, float, str]]) -> None:
    """Each sample is kept, a copy, contradictory or suspicious; what is kept has one label a group and no copies."""
    spam = np.array([row[0] for row in rows], np.bool_)
    groups = np.array([row[1] for row in rows], np.int64)
    names = [row[3] for row in rows]
    found = vet(spam, groups, np.array([row[2] for row in rows]), names, names)
    assert int(found.kept.sum()) + found.copies + found.contradictory + found.suspicious == len(rows)
    assert len(set(groups[found.kept].tolist())) == int(found.kept.sum())
