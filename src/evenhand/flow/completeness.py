"""What a notice still lacks: asked by a form before anything is kept."""

from evenhand.notices.rules import missing
from evenhand.vocabulary.notice import Notice


def lacking(notice: Notice) -> tuple[str, ...]:
    """Return the names of what a notice lacks, in the order of the law (Art. 16(2)); nothing: it is complete."""
    return tuple(element.field for element in missing(notice))
