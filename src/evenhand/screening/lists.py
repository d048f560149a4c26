"""All lists in force, with their compiled matchers; the file's stem is the list's name among the signals."""

from pathlib import Path

from evenhand.screening.compiled import Compiled
from evenhand.screening.grown import grown
from evenhand.screening.listfiles import ScreeningList, read_list
from evenhand.screening.whole_lists import Lists
from evenhand.vocabulary.errors import InputError

__all__ = ["Lists", "ScreeningList", "load_lists", "read_list"]


def load_lists(*directories: Path, compiled: Compiled | None = None, before: Lists | None = None) -> Lists:
    """Read the lists of all directories: files with the ending .txt or none, not those in capitals (README).

    A later directory's list replaces an earlier one of the same name.

    Args:
        directories: In order.
        compiled: Where compiled lists are kept from one start to the next.
        before: Lists that were made whole: what is the same now is not made again, what has changed stands beside it.

    Raises:
        InputError: Names file and line, and what was meant.
    """
    found: dict[str, ScreeningList] = {}
    known = {} if before is None else {each.name.casefold(): each for each in before.lists}
    for directory in directories:
        here: dict[str, Path] = {}
        for path in _files(directory):
            key = path.stem.casefold()
            if key in here:
                raise InputError(str(path), f"has the same name as {here[key].name}; case does not tell lists apart")
            here[key] = path
            found[key] = read_list(path, compiled, known.get(key))
    lists = tuple(found.values())
    return Lists(lists, compiled) if before is None else grown(before, lists, compiled)


def _files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        raise InputError(str(directory), "is no directory of lists")
    named = sorted(path for path in directory.iterdir() if _is_named_like_a_list(path) and not path.is_dir())
    for path in named:
        if not path.is_file():
            leads = "leads nowhere" if path.is_symlink() else "is no file (a pipe, a socket or a device)"
            raise InputError(str(path), f"{leads}; a list that is not read would be missed")
    return named


def _is_named_like_a_list(path: Path) -> bool:
    if path.name.startswith("."):
        return False
    return path.suffix == ".txt" or (not path.suffix and not path.name.isupper())
