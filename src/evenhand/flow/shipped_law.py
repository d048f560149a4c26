"""The desk's own tables as they come with Evenhand, for desks that are not wired: measurements, simulations, tests.

A served desk is given the tables that `rulebook.load` has read, with the platform's own rows.
"""

import tomllib
from functools import cache
from importlib.resources import files

from evenhand.rulebook.checks import make_row
from evenhand.rulebook.desk_tables import KINDS, DeskBook

_FILE = "desk.toml"


@cache
def shipped_desk_book() -> DeskBook:
    """Return the desk's tables without any row of a platform's own."""
    text = files("evenhand.rulebook").joinpath("law", _FILE).read_text("utf-8")
    found = tomllib.loads(text)
    return DeskBook(
        **{name: tuple(make_row(_FILE, kind, row) for row in found.get(kind, ())) for kind, (name, _) in KINDS.items()}
    )
