"""Make texts of strangers harmless in what we send: no control characters, no overrides of direction, no false lines.

Pure. Letters, joiners that Persian and emoji need, and marks stay as they are.
"""

import unicodedata

ONE_LINE_CHARACTERS_MAX = 1000
PARAGRAPHS_CHARACTERS_MAX = 20_000

_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
# Format characters that are seen or needed: Arabic and Syriac signs that enclose numbers, and the two joiners.
_KEPT_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2") | {
    _ZERO_WIDTH_NON_JOINER,
    _ZERO_WIDTH_JOINER,
}
_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def one_line(text: str, characters_max: int = ONE_LINE_CHARACTERS_MAX) -> str:
    """Return a text as one line without runs of white space, cut where it is too long."""
    line = " ".join(_all_shown(text).split())
    return line if len(line) <= characters_max else line[: characters_max - 1] + "…"


def paragraphs(text: str, characters_max: int = PARAGRAPHS_CHARACTERS_MAX) -> list[str]:
    """Return a text's lines that are not blank, each harmless; the text is cut where it is too long."""
    cut = text.replace("\r\n", "\n")
    if len(cut) > characters_max:
        cut = cut[: characters_max - 1] + "…"
    if cut.isprintable():
        lines = [cut]
    else:
        lines = "".join("\n" if character in _BREAKS else _shown(character) for character in cut).split("\n")
    return [shown for line in lines if (shown := " ".join(line.split()))]


def isolated(text: str, direction: str) -> str:
    """Return a text that does not turn the order of a sentence around it that runs in `direction` ("ltr", "rtl")."""
    turns = direction == "rtl" or (
        not text.isascii() and any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)
    )
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}" if turns else text


def _all_shown(text: str) -> str:
    # What Python calls printable has nothing that is not shown as it is.
    return text if text.isprintable() else "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs":
            return "\ufffd"
        case "Cf" if character not in _KEPT_FORMATS:
            return ""
        case _:
            return character
