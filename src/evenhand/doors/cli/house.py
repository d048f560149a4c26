"""What the command line may use of the house; main builds it (`click.pass_obj`)."""

from typing import Protocol

from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings


class House(Protocol):
    """The wired desk, each part made when it is first asked for."""

    @property
    def settings(self) -> Settings:
        """Return the settings in force."""
        ...

    def law(self) -> LawBook:
        """Return the law's tables."""
        ...
