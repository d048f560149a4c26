"""From a picture's bytes to its pixels, as the reference of PDQ sees them: no turning by EXIF, transparency dropped."""

import io
import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
PIXELS_MAX = 100_000_000
_OVER_WHITE_MAX = 16_000_000
"""A larger picture is averaged down by a whole factor before its white ground is laid: memory is bounded."""

Pixels = NDArray[np.uint8] | NDArray[np.float32]


class NoPicture(Exception):
    """The bytes are no picture that is read here; the text says why."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture.

    Attributes:
        pixels: Rows x columns (x 3), its first frame; float32 where it has more than 8 bits a channel.
        over_white: The same on a white ground, where something in it is transparent; else None.
        width: Pixels, as the file has them.
        height: Likewise.
        truncated: The file ends early; what is missing is grey.
    """

    pixels: Pixels
    over_white: Pixels | None
    width: int
    height: int
    truncated: bool


def decode(data: bytes) -> Decoded:
    """Return the picture in a file.

    Raises:
        NoPicture: It is none of FORMATS, is too large, or cannot be read.
    """
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            first = Image.open(io.BytesIO(data), formats=FORMATS)
            width, height = _size(first)
            again = _load(first, data)
            image = again or first
            return Decoded(_pixels(image), _over_white(image), width, height, again is not None)
        except NoPicture:
            raise
        except UnidentifiedImageError as error:
            raise NoPicture(f"is none of {', '.join(FORMATS)}") from error
        except Image.DecompressionBombError as error:
            raise NoPicture(f"is too large: {error}") from error
        except Exception as error:
            raise NoPicture(f"cannot be read: {type(error).__name__}") from error


def _size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    if width * height > PIXELS_MAX:
        raise NoPicture(f"has {width} x {height} pixels; at most {PIXELS_MAX:,} are read")
    return width, height


def _load(image: Image.Image, data: bytes) -> Image.Image | None:
    """Decode; return a second reading where the file turns out to end early."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image.load()
    except (OSError, SyntaxError, EOFError):
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        again = Image.open(io.BytesIO(data), formats=FORMATS)
        again.load()
        return again
    return None


def _pixels(image: Image.Image) -> Pixels:
    if image.mode.startswith("I") or image.mode == "F":
        return _to_255(np.asarray(image))
    if image.mode in ("L", "LA", "La", "1"):
        return np.asarray(image.convert("L"))
    if image.mode in ("RGBA", "RGBX"):
        return np.asarray(image)[:, :, :3]
    return np.asarray(image.convert("RGB"))


def _to_255(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return 16 bits as 0 to 255, fractions kept: Pillow itself would cut everything above 255 off."""
    numbers = values.astype(np.float32)
    np.nan_to_num(numbers, copy=False)
    if numbers.size and numbers.max() > 255:
        numbers *= np.float32(255 / 65_535)
    return np.clip(numbers, 0, 255, out=numbers)


def _over_white(image: Image.Image) -> NDArray[np.uint8] | None:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return None
    seen = image.convert("RGBA")
    if seen.getchannel("A").getextrema()[0] == 255:
        return None
    if (pixels := seen.width * seen.height) > _OVER_WHITE_MAX:
        seen = seen.reduce(math.isqrt(pixels // _OVER_WHITE_MAX) + 1)
    ground = Image.new("RGBA", seen.size, "white")
    ground.alpha_composite(seen)
    return np.asarray(ground.convert("RGB"))
