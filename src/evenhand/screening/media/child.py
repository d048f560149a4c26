"""The child that decodes: bytes in, hashes out, nothing else. `python -m evenhand.screening.media.child`.

It is told a file's length (8 bytes, big-endian) and its bytes on standard input, and answers with a line of JSON.
"""

import json
import resource
import sys
from typing import Any, BinaryIO

from PIL import Image

from evenhand.screening.media import pdq as hashing
from evenhand.screening.media.decode import NoPicture, decode
from evenhand.screening.media.sandbox import limit, shut

CPU_S_A_FILE = 20


def answer(data: bytes) -> dict[str, Any]:
    """Return what is said of one file."""
    try:
        found = decode(data)
        told = hashing.pdq(found.pixels)
        seen = None if found.over_white is None else hashing.pdq(found.over_white)
    except NoPicture as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "needs more memory than a picture may take"}
    return {
        "width": found.width,
        "height": found.height,
        "truncated": found.truncated,
        "quality": told.quality,
        "hashes": told.hashes,
        "derived": told.derived,
        "over_white": None if seen is None else seen.hash,
    }


def serve(source: BinaryIO, out: BinaryIO) -> None:
    """Answer files until there are no more."""
    while len(head := source.read(8)) == 8:
        data = source.read(int.from_bytes(head, "big"))
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_S_A_FILE, hard))
        out.write(json.dumps(answer(data)).encode() + b"\n")
        out.flush()


def main() -> None:
    """Load what decoding needs, shut the door, answer."""
    Image.init()
    limit()
    shut_in = shut()
    sys.stdout.buffer.write(json.dumps({"ready": True, "shut_in": shut_in}).encode() + b"\n")
    sys.stdout.buffer.flush()
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
