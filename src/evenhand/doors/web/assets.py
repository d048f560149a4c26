"""Style sheet, script and mark: read once, named by their hash, kept by browsers for ever."""

import gzip
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

_HERE = Path(__file__).parent / "static"
_TYPES = MappingProxyType(
    {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
)
_NAME = re.compile(r"[a-z0-9.-]{1,80}\Z")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages refer to."""

    body: bytes
    packed: bytes
    content_type: str


@cache
def _published() -> tuple[dict[str, str], dict[str, Asset]]:
    """Return name → published name, and published name → asset."""
    names: dict[str, str] = {}
    assets: dict[str, Asset] = {}
    for path in sorted(_HERE.iterdir()):
        body = path.read_bytes()
        names[path.name] = f"{path.stem}.{sha256(body).hexdigest()[:12]}{path.suffix}"
        assets[names[path.name]] = Asset(body, gzip.compress(body, 9, mtime=0), _TYPES[path.suffix])
    return names, assets


def asset_url(name: str) -> str:
    """Return the address of a file in `static`."""
    return f"/static/{_published()[0][name]}"


def find_asset(published_name: str) -> Asset | None:
    """Return the asset published under that name, if there is one."""
    return _published()[1].get(published_name) if _NAME.match(published_name) else None
