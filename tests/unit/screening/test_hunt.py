"""Retro-hunt: every post that carried a hash, exact or near, and no other; beside a plain search."""

import random
from datetime import date
from pathlib import Path

import pytest
from tests.unit.screening.test_archive import DAY, NOW, keep, posts
from tests.unit.screening.test_signals import model

from evenhand.flow import shipped
from evenhand.flow.hunt import HuntRequest, read_hashes, run_hunt
from evenhand.screening.archive import SignalArchive
from evenhand.screening.lists import load_lists
from evenhand.screening.pseudonyms import Pseudonyms
from evenhand.screening.released import ReleasedScreener
from evenhand.vocabulary.errors import InputError

_RANDOM = random.Random(5)
PDQ = f"{_RANDOM.getrandbits(256):064x}"


def away(bits: int) -> str:
    """Return a hash so many bits from PDQ."""
    flipped = int(PDQ, 16)
    for bit in _RANDOM.sample(range(256), bits):
        flipped ^= 1 << bit
    return f"{flipped:064x}"


@pytest.fixture
def archive(tmp_path: Path) -> SignalArchive:
    """Give an archive of posts with pictures 0 to 40 bits away, and some without."""
    made = SignalArchive(tmp_path / "signals", Pseudonyms(b"k" * 32), 3, lambda: DAY)
    media = [[{"pdq": away(bits), "sha256": f"{bits:064x}", "md5": f"{bits:032x}"}] for bits in range(41)]
    batch = posts(*({"media": each, "author_id": f"a{n}"} for n, each in enumerate(media)), {"media": None}, {})
    keep(made, ReleasedScreener(load_lists(shipped.LISTS), model(), ()), batch)
    return made


def test_pdq_is_exact_up_to_its_distance(archive: SignalArchive) -> None:
    """All posts within 31 bits and none beyond, with the distance; the ids that were given come back."""
    ids = [f"p{n}" for n in range(50)]
    found = run_hunt(HuntRequest(pdq=(PDQ,), days=7, ids=ids), archive, NOW)
    assert sorted((each.distance, name) for each, name in found) == [(n, f"p{n}") for n in range(32)]
    assert len(run_hunt(HuntRequest(pdq=(PDQ,), days=7, distance=0), archive, NOW)) == 1


def test_exact_hashes(archive: SignalArchive) -> None:
    """SHA-256 and MD5, each against its own kind only."""
    wanted = (f"{3:064x}", f"{5:032x}", f"{99:064x}")
    found = run_hunt(HuntRequest(exact=wanted, days=7, ids=["p3"]), archive, NOW)
    assert sorted((each.match, each.entry, name) for each, name in found) == [
        ("md5", wanted[1], None),
        ("sha256", wanted[0], "p3"),
    ]


def test_nothing_was_kept(tmp_path: Path) -> None:
    """An empty archive has nothing."""
    empty = SignalArchive(tmp_path / "none", Pseudonyms(b"k" * 32), 3, lambda: date(2026, 1, 1))
    assert run_hunt(HuntRequest(pdq=(PDQ,), days=7), empty, NOW) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no hashes"),
        ("# kind: phrases\nfree money", "with --act only"),
        ("abc", ":1: must be"),
        ("# kind: pdq\n" + "0" * 32, ":2: must be"),
    ],
)
def test_what_cannot_be_hunted_is_refused(text: str, said: str) -> None:
    """With the line and the reason."""
    with pytest.raises(InputError, match=said):
        read_hashes(text, "list")


def test_lists_of_hashes_are_read() -> None:
    """PDQ where the header says so, else exact hashes; upper case is the same."""
    assert read_hashes(f"# kind: pdq\n# a partner's\n{PDQ.upper()}\n", "list") == ((), (PDQ,))
    assert read_hashes("\ufeff" + "AB" * 16 + "\n", "list") == (("ab" * 16,), ())
