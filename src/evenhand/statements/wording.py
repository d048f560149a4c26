"""The only reader of letters/*.toml: a language is one file, every sentence checked.

A file of the same name in a directory of one's own replaces single sentences or adds a language; whatever lacks a
sentence, has one too many, or fills in something unknown is refused with file and key.
"""

import re
import tomllib
import unicodedata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from evenhand.statements.sentences import PLACEHOLDER, SENTENCES, Wording, Wordings
from evenhand.vocabulary.errors import InputError

_LANGUAGE_FILE = re.compile(r"[a-z]{2,3}\.toml")


def load_wordings(*directories: Path) -> Wordings:
    """Read the languages that come with Evenhand, then those in `directories`, sentence over sentence.

    Raises:
        InputError: A file is not TOML, or a sentence is missing, unknown, empty, or fills in something else than it
            must; names the file and the sentence.
    """
    shipped: Traversable = files("evenhand.statements").joinpath("letters")
    sentences: dict[str, dict[str, str]] = {}
    for directory in (shipped, *directories):
        for file in sorted(directory.iterdir(), key=lambda path: path.name):
            if not file.name.endswith(".toml"):
                continue
            if not _LANGUAGE_FILE.fullmatch(file.name):
                raise InputError(file.name, "must have a language's code for a name, as in de.toml")
            sentences.setdefault(file.name, {}).update(_read(file))
    for name, found in sentences.items():
        if missing := SENTENCES.keys() - found.keys():
            raise InputError(f"{name}: {min(missing)}", "is missing")
    return Wordings(
        by_language=MappingProxyType(
            {
                name.removesuffix(".toml"): Wording(
                    language=name.removesuffix(".toml"), sentences=MappingProxyType(found)
                )
                for name, found in sentences.items()
            }
        )
    )


def _read(file: Traversable) -> dict[str, str]:
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(file.name, f"is not TOML: {error}") from error
    found: dict[str, Any] = {}
    for section, value in table.items():
        if isinstance(value, dict):
            found |= {f"{section}.{name}": sentence for name, sentence in value.items()}
        else:
            found[section] = value
    for name, sentence in found.items():
        if reason := _fault(name, sentence):
            raise InputError(f"{file.name}: {name}", reason)
    return found


def _fault(name: str, sentence: Any) -> str | None:
    """Say what is wrong with a sentence, if anything."""
    if name not in SENTENCES:
        return "is not a sentence of ours"
    if not isinstance(sentence, str) or not sentence.strip():
        return "must be a text and not empty"
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in sentence):
        return "must be one line without control characters"
    if name == "direction" and sentence not in ("ltr", "rtl"):
        return "must be ltr or rtl"
    wanted, filled = SENTENCES[name], set(PLACEHOLDER.findall(sentence))
    if unknown := filled - wanted:
        return f"fills in {{{min(unknown)}}}, which is not known there"
    if missing := wanted - filled:
        return f"must fill in {{{min(missing)}}}"
    if "{" in (rest := PLACEHOLDER.sub("", sentence)) or "}" in rest:
        return "has a brace that belongs to no name"
    return None
