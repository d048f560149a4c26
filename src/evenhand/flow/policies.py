"""What the loaded rules say of policy, as the journey of a batch needs it."""

from typing import Protocol

from evenhand.vocabulary.decision import Policy


class PolicyBook(Protocol):
    """Policies and sentences by rule name."""

    @property
    def edition(self) -> str:
        """Edition of rules, lists and model together, 16 hex digits."""
        ...

    def policy(self, rule: str) -> Policy:
        """Return the law or term that the rule applies."""
        ...

    def statement(self, rule: str, language: str | None) -> str:
        """Return the rule's sentence for the statement of reasons, in a language (ISO 639-1) where it has it."""
        ...

    def spam(self, rule: str) -> bool:
        """Tell whether what the rule finds is deceptive commercial content in high volume (Art. 17(2))."""
        ...

    def version(self, rule: str) -> str:
        """Return the rule's own version: another one is another matter."""
        ...
