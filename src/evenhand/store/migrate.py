"""Numbered migrations: each applied once, its text remembered; a changed or unknown newer one stops the start."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from importlib.resources import files

from evenhand.vocabulary.errors import Fatal


def migrations(database: str) -> list[tuple[int, str, str]]:
    """Return (number, text, SHA-256 in hex) of a database's migrations, in order."""
    found = []
    for file in files("evenhand.store").joinpath("sql", database).iterdir():
        if file.name.endswith(".sql"):
            text = file.read_text("utf-8")
            found.append((int(file.name[:4]), text, sha256(text.encode()).hexdigest()))
    return sorted(found)


def migrate(database: str, applied: Iterable[tuple[int, str]], apply: Callable[[int, str, str], None]) -> None:
    """Apply what is missing.

    Args:
        database: "sqlite" or "postgres".
        applied: (number, SHA-256) of those in the database.
        apply: Runs one migration and remembers it, in one transaction.

    Raises:
        Fatal: The database holds a migration that this version does not know, or one whose text has changed.
    """
    known = {number: digest for number, _, digest in migrations(database)}
    done = dict(applied)
    for number, digest in done.items():
        if number not in known:
            raise Fatal(f"the docket was written by a newer Evenhand (migration {number}); use that version")
        if known[number] != digest:
            raise Fatal(f"migration {number} has changed since it was applied; restore the released file")
    for number, text, digest in migrations(database):
        if number not in done:
            apply(number, text, digest)
