"""What a notice by mail says for itself: addresses, good faith, a name; never what it only quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.notices.mail_words import locations_in, name_in, states_good_faith
from evenhand.notices.rules import ITEMS_MAX


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://t.me/a/17.", ("https://t.me/a/17",)),
        ("(https://x.example/a_(b)) and t.me/shop!", ("https://x.example/a_(b)", "t.me/shop")),
        ("<https://x.example/a>, https://x.example/a", ("https://x.example/a",)),
        ("انظر https://t.me/a/1؟", ("https://t.me/a/1",)),
        ("> https://quoted.example/1\nmine: http://y.example/2", ("http://y.example/2",)),
        ("post: http://y.example/2\n-- \nZoe https://home.example", ("http://y.example/2",)),
        ("no address here, only a.b", ()),
        ("https://" + "a" * 3000, ()),
    ],
)
def test_addresses_in_the_senders_own_words(text: str, found: tuple[str, ...]) -> None:
    """Without the sentence's punctuation; quoted lines and signatures report nothing."""
    assert locations_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "I believe in good faith that",
        "in gutem Glauben",
        "en toute bonne foi",
        "de buena fe",
        "بحسن نية",
        "با حسن نیت",
    ],
)
def test_good_faith_in_six_languages(text: str) -> None:
    """As people write it; a quoted line states nothing."""
    assert states_good_faith(text)
    assert not states_good_faith(f"> {text}")
    assert not states_good_faith("This is spam.")


def test_a_name_is_no_address() -> None:
    """What holds an address is no name."""
    assert name_in('"Zoë <Reporter>"') == "Zoë Reporter"
    assert name_in("a@b.example") == ""


@given(st.text(max_size=3000))
def test_any_text_is_read(text: str) -> None:
    """Total, bounded, the same twice."""
    found = locations_in(text)
    assert len(found) <= ITEMS_MAX
    assert len(set(found)) == len(found)
    assert found == locations_in(text)


def test_many_addresses_are_bounded() -> None:
    """The fifty-first is left to the person who reads it."""
    assert len(locations_in(" ".join(f"https://x.example/{n}" for n in range(300)))) == ITEMS_MAX
