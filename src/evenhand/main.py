"""The wiring: settings, keys, stores, log, figures, doors. Nothing else knows how the parts meet."""

import sys
from functools import cached_property

from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings, load_settings
from evenhand.vocabulary.errors import InputError


class Desk:
    """The wired desk (`doors.cli.house.House`); each part is made when it is first asked for."""

    @cached_property
    def settings(self) -> Settings:
        """Return the settings in force."""
        return load_settings()

    def law(self) -> LawBook:
        """Return the law's tables."""
        from evenhand.rulebook.load import load_law

        own = self.settings.data / "law"
        return load_law(*([own] if own.is_dir() else []))


def run() -> None:
    """Start the command line; bad input ends with a one-line reason and exit code 2."""
    from evenhand.doors.cli.app import evenhand

    try:
        evenhand.main(obj=Desk())
    except InputError as error:
        sys.stderr.write(f"evenhand: {error}\n")
        raise SystemExit(2) from error
