"""The labelled letters that the wrong door's model is trained and tested on; they come along as files."""

from dataclasses import dataclass
from importlib.resources import files

LANGUAGES = ("ar", "de", "en", "es", "fr")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledLetter:
    """One labelled letter.

    Attributes:
        number: Place in its language's file among those of its label, from 0. The same number is the same subject in
            several languages, so it stays on one side of a split.
        request: It reads like an authority's request.
    """

    language: str
    number: int
    request: bool
    text: str


def labelled_letters() -> tuple[LabelledLetter, ...]:
    """Return all of them, language by language."""
    found: list[LabelledLetter] = []
    for language in LANGUAGES:
        text = files("evenhand.orders").joinpath("wrong_door_set").joinpath(f"{language}.txt").read_text("utf-8")
        found += read_labelled(text, language)
    return tuple(found)


def read_labelled(text: str, language: str) -> list[LabelledLetter]:
    """Read a file of labelled letters: "+ " begins a request, "- " another letter, " / " stands for a new line."""
    lines = [line for line in text.splitlines() if line.startswith(("+ ", "- "))]
    found: list[LabelledLetter] = []
    for label in "+-":
        mine = [line[2:].replace(" / ", "\n") for line in lines if line[0] == label]
        found += [
            LabelledLetter(language=language, number=number, request=label == "+", text=letter)
            for number, letter in enumerate(mine)
        ]
    return found
