"""A file of AutoModerator rules into a directory of rules and lists."""

import json
from pathlib import Path

from evenhand.screening.automod import Imported, Note, translate
from evenhand.vocabulary.errors import InputError

__all__ = ["Imported", "Note", "import_automod"]


def import_automod(data: bytes, source: str, directory: Path) -> Imported:
    """Translate a file and write `rules/`, `lists/` and `untranslated.ndjson` below a directory.

    Args:
        data: The file.
        source: What it is called, for errors.
        directory: Made if need be; what is in it by other names stays.

    Raises:
        InputError: It is not YAML in UTF-8, or the directory cannot be written.
    """
    try:
        found = translate(data.decode("utf-8-sig"), source)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{source}:{line}", "is not UTF-8") from error
    try:
        for folder, files, ending in (("rules", found.rules, "toml"), ("lists", found.lists, "txt")):
            (directory / folder).mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                (directory / folder / f"{name}.{ending}").write_text(text, "utf-8")
        told = "".join(json.dumps(_row(note), ensure_ascii=False) + "\n" for note in found.notes)
        (directory / "untranslated.ndjson").write_text(told, "utf-8")
    except OSError as error:
        raise InputError("--out", f"{directory} cannot be written: {error.strerror}") from error
    return found


def _row(note: Note) -> dict[str, object]:
    return {"line": note.line, "rule": note.rule, "key": note.key, "reason": note.reason}
