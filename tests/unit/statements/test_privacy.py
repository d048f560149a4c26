"""Names are looked for only where they may stand: never fewer are left out than by looking for each."""

from hypothesis import given
from hypothesis import strategies as st

from evenhand.statements import privacy
from evenhand.statements.plain import one_line, paragraphs
from evenhand.statements.privacy import LEFT_OUT, without_links

_LETTERS = st.text(alphabet="aAiIkKsS1 .-İıſKé", max_size=12)


@given(_LETTERS, st.lists(_LETTERS, max_size=3))
def test_no_name_is_missed(text: str, names: list[str]) -> None:
    """The look beforehand lets through whatever the expression would find, in any case and spelling."""
    every = text
    for name in sorted({name.strip() for name in names if name.strip()}, key=len, reverse=True):
        every = privacy._named(name).sub(LEFT_OUT, every)
    assert without_links(text, names) == privacy._LINKS.sub(LEFT_OUT, every)


@given(st.text(max_size=30))
def test_printable_texts_take_the_short_way_to_the_same_lines(text: str) -> None:
    """A line feed sends a text the long way, where each character is looked at; nothing else comes of it."""
    assert one_line(text) == one_line(f"{text}\n")
    assert paragraphs(text) == paragraphs(f"{text}\n")
