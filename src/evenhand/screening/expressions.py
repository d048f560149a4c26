r"""What Hyperscan is asked for in place of a regular expression: something that is found wherever the expression is.

An expression means what Rust's regex crate says of it, with Unicode classes, case left aside, ^ and $ at every line.
Hyperscan looks through all texts for hundreds of them at once, but has no \b beside letters that are not ASCII, and
builds huge automata for Unicode's \w and \d. So it gets a wider class for each, and what it finds is settled by the
other engine. Both take time that grows with the text alone, whatever the expression.
"""

import re

_SPACES = r"\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
_FAR = r"\x{80}-\x{10FFFF}"
_WORD, _NO_WORD = "0-9A-Za-z_", r"\x00-/:-@\[-\^`{-\x7f"
_DIGITS_FROM = r"\x{660}-\x{10FFFF}"

_WIDER = {
    "w": _WORD + _FAR,
    "W": _NO_WORD + _FAR,
    "d": "0-9" + _DIGITS_FROM,
    "D": r"\x00-/:-\x7f" + _FAR,
    "s": _SPACES,
}
_NARROWER = {"w": _WORD, "W": _NO_WORD, "d": "0-9", "D": r"\x00-/:-\x7f", "s": _SPACES}
"""What stands for a class inside [^ ]: fewer characters, so that the whole takes more."""
_NO_SPACE = rf"[^{_SPACES}]"

_PIECE = re.compile(r"\\[pP]\{[^}]*\}|\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\.|\[\^?\]?|\]|.", re.DOTALL)
_SURE = re.compile(r"\\[pPwWdDsSbBnNRhHvVxX]|\[\^|\(\?|\[\[|\n")
"""What makes an answer of Hyperscan's one that must be settled."""
_EDGES = re.compile(r"(?<!\\)(?:\\\\)*\\[AzZGQE]")
_TAIL = re.compile(
    r"(?P<before>.*?)(?P<atom>\\[^xpPQE0-9bB]|\[\^?(?:\\.|[^\]\\\[])+\]|[^\\()\[\]{}|*+?^$])"
    r"(?P<times>\*|\+|\{(?P<least>\d+),\d*\})\??",
    re.DOTALL,
)
_LEAD = re.compile(r"(?P<flags>(?:\(\?[a-z]+\))?)(?P<first>\\b)?(?P<inner>.*?)(?P<last>(?<!\\)\\b)?", re.DOTALL)


def misplaced(pattern: str) -> str | None:
    """Return what an expression may not contain although both engines know it, or None."""
    if _EDGES.search(pattern):
        return "uses \\A, \\z, \\Z, \\G, \\Q or \\E; write ^ and $, which stand for a line's begin and end"
    return None


def must_be_settled(pattern: str) -> bool:
    """Tell whether what Hyperscan finds may be no match: a wider class, or a match that runs into the next text."""
    return _SURE.search(pattern) is not None


def searchable(pattern: str) -> str:
    r"""Return the expression for Hyperscan, without UCP. It is found wherever `pattern` is, and hardly elsewhere.

    A \b at the begin or end asks for a line's edge or a sign that is no ASCII letter; elsewhere it is left out.
    """
    parts = _LEAD.fullmatch(pattern)
    if parts is None or not (parts["first"] or parts["last"]) or "|" in _top_level(pattern):
        return _widened(shortened(pattern))
    edge = rf"[^{_WORD}]"
    before, after = f"(?:^|{edge})" if parts["first"] else "", f"(?:{edge}|$)" if parts["last"] else ""
    inner = parts["inner"]
    return parts["flags"] + before + _widened(inner if after else shortened(inner)) + after


def shortened(pattern: str) -> str:
    r"""Return an expression that is found in the same texts, without a last part that only makes matches longer.

    Hyperscan reports every end of a match: `https?://\S+` one for each further character.
    """
    found = _TAIL.fullmatch(pattern)
    if found is None or found["before"].endswith("\\"):
        return pattern
    before, atom = found["before"], found["atom"]
    least = {"*": 0, "+": 1}.get(found["times"], int(found["least"] or 0))
    if not least and (not before or before.endswith(("|", "(", ")", "^"))):
        return pattern
    return before + (f"{atom}{{{least}}}" if least > 1 else atom * least)


def _widened(pattern: str) -> str:
    out: list[str] = []
    inside = negated = False
    for piece in _PIECE.findall(pattern):
        if piece.startswith("[") and not inside:
            inside, negated = True, piece.startswith("[^")
            out.append(piece)
        elif piece == "]" and inside:
            inside = False
            out.append(piece)
        else:
            out.append(_wider(piece, inside=inside, negated=negated))
    return "".join(out)


def _wider(piece: str, *, inside: bool, negated: bool) -> str:
    kind = piece[1:] if piece.startswith("\\") else ""
    if kind in ("b", "B") and not inside:
        return ""
    if kind in _WIDER:
        chosen = (_NARROWER if inside and negated else _WIDER)[kind]
        return chosen if inside else f"[{chosen}]"
    if kind == "S" and not inside:
        return _NO_SPACE
    return piece


def _top_level(pattern: str) -> str:
    """Return what stands in no brackets."""
    bare = re.sub(r"\\.", "", pattern, flags=re.DOTALL)
    bare = re.sub(r"\[\^?\]?[^\]]*\]", "", bare)
    while bare != (bare := re.sub(r"\([^()]*\)", "", bare)):
        pass
    return bare
