"""What a request asks for, read once: the same whoever sends it. Pure."""

from functools import lru_cache

from msgspec import Struct

from evenhand.vocabulary.request import Ask, AskKind, DataCategory

_GIVING = ("disclose", "monitor", "bulk")


class Asked(Struct, frozen=True, kw_only=True):
    """All that is looked at of a request's asks.

    Attributes:
        pairs: Every target with its ask, in order; what a principle refuses outright is about the service if it names
            none.
        kinds: Of the asks.
        data: Categories that any ask names.
        disclosed: Categories that are to be given, one by one or in bulk.
        wants_data: Data are asked for, named or not.
        only_removals: Nothing else is asked.
        names_targets: Every ask that needs a target has one, and none is blank.
        names_data: Every disclosure says of what.
    """

    pairs: tuple[tuple[Ask, str], ...]
    kinds: frozenset[AskKind]
    data: frozenset[DataCategory]
    disclosed: frozenset[DataCategory]
    wants_data: bool
    only_removals: bool
    names_targets: bool
    names_data: bool


@lru_cache(maxsize=1024)
def read_asks(asks: tuple[Ask, ...], refused: frozenset[AskKind]) -> Asked:
    """Return what the asks come to, where a principle refuses these kinds outright."""
    disclosing = [ask for ask in asks if ask.kind == "disclose"]
    giving = [ask for ask in asks if ask.kind in _GIVING]
    return Asked(
        pairs=tuple((ask, target) for ask in asks for target in _targets(ask, refused)),
        kinds=frozenset(ask.kind for ask in asks),
        data=frozenset(data for ask in asks for data in ask.data),
        disclosed=frozenset(data for ask in giving for data in ask.data),
        wants_data=bool(giving) or any(ask.data for ask in asks),
        only_removals=all(ask.kind == "remove" for ask in asks),
        names_targets=bool(asks) and all(_has_targets(ask, refused) for ask in asks),
        names_data=all(ask.data for ask in disclosing),
    )


def _targets(ask: Ask, refused: frozenset[AskKind]) -> tuple[str, ...]:
    return ask.targets or (("service",) if ask.kind in refused else ())


def _has_targets(ask: Ask, refused: frozenset[AskKind]) -> bool:
    """A target names something; what a principle refuses outright needs none."""
    return ask.kind in refused or (bool(ask.targets) and all(target.strip() for target in ask.targets))
