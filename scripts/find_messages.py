"""List what the web doors say and a catalogue lacks; xgettext is not needed.

`python scripts/find_messages.py` prints, for each language, the messages without a translation as entries of a .po
file, ready to be filled in.
"""

import ast
import sys

from compile_locale import LOCALE, read_po

WEB = LOCALE.parent
_ONE = frozenset({"_", "gettext", "gettext_lazy", "pgettext"})
_MANY = frozenset({"ngettext", "ngettext_lazy"})


def messages() -> list[str]:
    """Return every message, plurals joined to their singular by NUL, in the order of the files."""
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    from django.utils.translation.template import templatize

    found: dict[str, None] = {}
    for path in sorted(WEB.rglob("*.html")):
        # What is between the calls is blanked out with X and line ends.
        for line in templatize(path.read_text("utf-8"), origin=path.name).splitlines():
            _collect(line, found)
    for path in sorted(WEB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                _call(node, found)
    return list(found)


def _collect(line: str, found: dict[str, None]) -> None:
    at = 0
    while True:
        starts = [place for word in (" _(", " gettext(", " ngettext(") if (place := line.find(word, at)) >= 0]
        if not starts:
            return
        start = min(starts) + 1
        for end in range(start, len(line) + 1):
            if end < len(line) and line[end] != ")":
                continue
            try:
                tree = ast.parse(line[start : end + 1].replace(",count)", ",count)"), mode="eval")
            except SyntaxError:
                continue
            if isinstance(tree.body, ast.Call):
                _call(tree.body, found)
            at = end
            break
        else:
            return


def _call(node: ast.Call, found: dict[str, None]) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if name in _ONE and texts:
        found[texts[0]] = None
    elif name in _MANY and len(texts) > 1:
        found["\0".join(texts[:2])] = None


def main() -> int:
    """Print what each catalogue lacks; the exit code is 1 if any lacks something."""
    lacking = 0
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        known = read_po(po.read_text("utf-8"))
        for message in messages():
            if message not in known:
                lacking += 1
                one, _, many = message.partition("\0")
                plural = f'\nmsgid_plural "{_quoted(many)}"\nmsgstr[0] ""\nmsgstr[1] ""' if many else '\nmsgstr ""'
                print(f'# {po.parts[-3]}\nmsgid "{_quoted(one)}"{plural}\n')
    return 1 if lacking else 0


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


if __name__ == "__main__":
    sys.exit(main())
