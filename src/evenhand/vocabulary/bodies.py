"""Bodies of records and effects: JSON in UTF-8, whatever letters somebody sent."""

from typing import Any

import msgspec

_ENCODE = msgspec.json.Encoder().encode


def encode(value: Any) -> bytes:
    """Return a value as JSON. Unpaired surrogates, which UTF-8 cannot hold, become question marks.

    What was received is kept byte for byte beside it; this is what is read and shown.
    """
    try:
        return _ENCODE(value)
    except UnicodeEncodeError:
        return _ENCODE(_sound(msgspec.to_builtins(value)))


def _sound(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {_sound(key): _sound(one) for key, one in value.items()}
        case list() | tuple():
            return [_sound(one) for one in value]
    return value
