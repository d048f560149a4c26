"""Compile src/evenhand/doors/web/locale/*/LC_MESSAGES/django.po to .mo with the standard library alone.

`python scripts/compile_locale.py` writes; with `--check` it only tells whether a catalogue is stale (exit code 1).
Translators without gettext's tools need nothing else. To find new texts: xgettext through Django's makemessages.
"""

import ast
import struct
import sys
from pathlib import Path

LOCALE = Path(__file__).parent.parent / "src" / "evenhand" / "doors" / "web" / "locale"
_MAGIC = 0x950412DE


def read_po(text: str) -> dict[str, str]:
    """Return message id → translation; plurals joined by NUL as the .mo format has them, empty ones left out."""
    messages: dict[str, str] = {}
    for block in text.split("\n\n"):
        parts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if not line or line.startswith("#"):
                continue
            if not line.startswith('"'):
                name, line = line.split(" ", 1)  # noqa: PLW2901
            parts[name] = parts.get(name, "") + ast.literal_eval(line)
        if "msgid" not in parts:
            continue
        key = parts["msgid"] + ("\0" + parts["msgid_plural"] if "msgid_plural" in parts else "")
        forms = [parts[form] for form in sorted(p for p in parts if p.startswith("msgstr"))]
        if all(forms):
            messages[key] = "\0".join(forms)
    return messages


def mo_bytes(messages: dict[str, str]) -> bytes:
    """Return a GNU .mo file, little-endian, sorted by id, without a hash table."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    at = 28 + 16 * len(pairs)
    tables = [b"", b""]
    texts = b""
    for side in (0, 1):
        for pair in pairs:
            tables[side] += struct.pack("<II", len(pair[side]), at + len(texts))
            texts += pair[side] + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + tables[0] + tables[1] + texts


def main() -> int:
    """Compile, or check, every catalogue."""
    stale = 0
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        wanted = mo_bytes(read_po(po.read_text("utf-8")))
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.read_bytes() != wanted:
            stale += 1
            print(f"{'stale' if '--check' in sys.argv else 'written'}: {mo.relative_to(LOCALE)}")
            if "--check" not in sys.argv:
                mo.write_bytes(wanted)
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
