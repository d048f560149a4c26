"""A list that came tonight against what was kept: from its file to the posts that carry its hashes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from evenhand.flow.hunting import Hunted
from evenhand.screening.archive import SignalArchive
from evenhand.screening.hunt import DISTANCE_MAX, Found, hunt
from evenhand.vocabulary.errors import InputError

__all__ = ["DISTANCE_MAX", "Found", "HuntRequest", "Hunted", "read_hashes", "run_hunt"]

_EXACT = re.compile(r"[0-9a-f]{64}|[0-9a-f]{32}")
_PDQ = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HuntRequest:
    """What is looked for.

    Attributes:
        exact: SHA-256 and MD5, lower case.
        pdq: PDQ hashes, lower case.
        days: How many days back.
        distance: Bits in which PDQ hashes may differ.
        ids: The platform's own ids of posts, to tell which of them were found.
    """

    exact: tuple[str, ...] = ()
    pdq: tuple[str, ...] = ()
    days: float
    distance: int = DISTANCE_MAX
    ids: Sequence[str] = field(default=())


def read_hashes(text: str, source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the exact and the PDQ hashes of a list.

    Args:
        text: A hash a line; PDQ where the header says `# kind: pdq`.
        source: What the file is called, for errors.

    Raises:
        InputError: Names the line; others than lists of hashes are hunted with --act only.
    """
    kind = "hashes"
    found: list[str] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.strip().lower()
        if line.startswith("#"):
            header = re.fullmatch(r"#\s*kind:\s*(\w+)", line)
            kind = header.group(1) if header and not found else kind
            continue
        if kind not in ("hashes", "pdq"):
            raise InputError(f"{source}:{number}", f"a list of {kind} is hunted with --act only")
        if line:
            if (_PDQ if kind == "pdq" else _EXACT).fullmatch(line) is None:
                raise InputError(f"{source}:{number}", "must be 64 (SHA-256, PDQ) or 32 (MD5) hexadecimal digits")
            found.append(line)
    if not found:
        raise InputError(source, "holds no hashes")
    return ((), tuple(found)) if kind == "pdq" else (tuple(found), ())


def run_hunt(request: HuntRequest, archive: SignalArchive, now: datetime) -> list[tuple[Found, str | None]]:
    """Return what was found, with the platform's id where it was among those given."""
    since = (now - timedelta(days=min(request.days, 36_500))).date()
    names = {f"{archive.post(name):016x}": name for name in request.ids}
    found = hunt(archive.files(since), request.exact, request.pdq, request.distance)
    return [(each, names.get(each.post)) for each in found]
