"""Files in a child: re-encoded, scaled, 16-bit, transparent, truncated; hostile ones; and what the child may not do."""

import io
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from tests.unit.screening.media.test_pdq import picture

from evenhand.doors.cli.app import evenhand
from evenhand.screening.media.hasher import MediaHasher
from evenhand.screening.media.pdq import distance, pdq

PICTURE = picture(480, 640, 11)
EXPECTED = pdq(PICTURE)


@pytest.fixture(scope="module")
def hasher() -> Iterator[MediaHasher]:
    """Give one hasher with its child."""
    with MediaHasher() as made:
        yield made


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """Return an image as a file's bytes."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def sixteen_bits() -> bytes:
    """Return the grey picture as a PNG of 16 bits."""
    grey = np.asarray(Image.fromarray(PICTURE).convert("L")).astype(np.uint16) * 257
    return saved(Image.fromarray(grey), "PNG")


def with_alpha(alpha: int) -> bytes:
    """Return the picture as a PNG with an alpha channel."""
    image = Image.fromarray(PICTURE).convert("RGBA")
    image.putalpha(alpha)
    return saved(image, "PNG")


IMAGE = Image.fromarray(PICTURE)
VARIANTS = {
    "png": saved(IMAGE, "PNG"),
    "jpeg": saved(IMAGE, "JPEG", quality=70),
    "progressive": saved(IMAGE, "JPEG", quality=85, progressive=True),
    "webp": saved(IMAGE, "WEBP", quality=70),
    "bmp": saved(IMAGE, "BMP"),
    "tiff": saved(IMAGE, "TIFF"),
    "half as large": saved(IMAGE.resize((320, 240), Image.Resampling.LANCZOS), "JPEG"),
    "twice as large": saved(IMAGE.resize((1280, 960), Image.Resampling.BICUBIC), "JPEG"),
    "16 bits": sixteen_bits(),
    "opaque alpha": with_alpha(255),
    "half transparent": with_alpha(128),
    "cmyk": saved(IMAGE.convert("CMYK"), "JPEG", quality=90),
    "truncated at the end": saved(IMAGE, "JPEG", quality=90)[:-60],
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_picture_within_ten_bits(hasher: MediaHasher, name: str) -> None:
    """However it was saved: quality 80 or more, at most 10 of 256 bits away; exact hashes are of the bytes."""
    data = VARIANTS[name]
    found = hasher.hash_bytes(data)
    assert found.pdq is not None, found.reason
    assert found.quality >= 80
    assert distance(found.pdq, EXPECTED.hash) <= 10
    assert (found.sha256, found.md5) == (sha256(data).hexdigest(), md5(data, usedforsecurity=False).hexdigest())
    assert found.truncated is (name == "truncated at the end")


def test_what_the_eye_sees_is_told_beside(hasher: MediaHasher) -> None:
    """A picture hidden under full transparency: the hash is the reference's, over_white is what people see."""
    found = hasher.hash_bytes(with_alpha(0))
    white = pdq(np.full((480, 640, 3), 255, np.uint8))
    assert found.pdq is not None
    assert distance(found.pdq, EXPECTED.hash) <= 2
    assert found.over_white == white.hash
    assert hasher.hash_bytes(with_alpha(255)).over_white is None


def test_a_turned_picture_is_found_by_the_other_hashes(hasher: MediaHasher) -> None:
    """EXIF does not turn a picture, as in the reference; a really turned one is among the eight."""
    exif = Image.Exif()
    exif[0x0112] = 6
    marked = hasher.hash_bytes(saved(IMAGE, "JPEG", quality=90, exif=exif))
    assert marked.pdq is not None
    assert distance(marked.pdq, EXPECTED.hash) <= 4
    turned = hasher.hash_bytes(saved(IMAGE.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=90))
    assert turned.pdq is not None
    assert distance(turned.pdq, EXPECTED.hash) > 60
    assert min(distance(each, EXPECTED.hash) for each in turned.turned.values()) <= 10


def bomb() -> bytes:
    """Return a small PNG that claims 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(bytes(10_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [b"", b"nonsense", b"\xff\xd8\xff", VARIANTS["png"][:60], VARIANTS["webp"][:30], bomb(), b"GIF89a" + bytes(50)],
    ids=["empty", "nonsense", "jpeg head", "png head", "webp head", "bomb", "gif head"],
)
def test_hostile_files_have_no_hash_and_hurt_nobody(hasher: MediaHasher, data: bytes) -> None:
    """No PDQ, a reason in words, exact hashes all the same; the next file is read as if nothing had been."""
    found = hasher.hash_bytes(data)
    assert found.pdq is None or found.truncated
    assert found.reason or found.truncated
    assert found.sha256 == sha256(data).hexdigest()
    assert hasher.hash_bytes(VARIANTS["png"]).quality >= 80


def test_a_slow_child_is_ended_and_replaced() -> None:
    """Time runs out: the file has no hash, the next one gets a new child."""
    with MediaHasher(timeout_s=60) as hasher:
        hasher.hash_bytes(VARIANTS["png"])
        hasher._timeout_s = 0.0
        assert "took longer" in hasher.hash_bytes(VARIANTS["png"]).reason
        hasher._timeout_s = 60
        assert hasher.hash_bytes(VARIANTS["png"]).pdq == hasher.hash_bytes(VARIANTS["png"]).pdq is not None


def test_a_killed_child_is_replaced() -> None:
    """Whatever ends the child, the parent says so and goes on."""
    with MediaHasher() as hasher:
        hasher.hash_bytes(VARIANTS["png"])
        assert hasher._child is not None
        hasher._child.kill()
        hasher._child.wait()
        assert "ended the process" in hasher.hash_bytes(VARIANTS["png"]).reason
        assert hasher.hash_bytes(VARIANTS["png"]).pdq is not None


_FORBIDDEN = """
import ctypes, json, os, socket, subprocess
from evenhand.screening.media.sandbox import limit, shut
control = open("/etc/hostname").read() is not None
limit()
done = {"shut": shut(), "control": control}
def tried(name, act):
    try:
        act()
        done[name] = True
    except (OSError, MemoryError) as error:
        done[name] = False
tried("open", lambda: open("/etc/hostname"))
tried("write", lambda: open("/tmp/evenhand-should-not-be", "w"))
tried("socket", lambda: socket.socket())
tried("fork", lambda: os.fork() or os._exit(0))
tried("exec", lambda: os.execv("/bin/true", ["true"]))
tried("memory", lambda: bytearray(3 << 30))
print(json.dumps(done))
"""


def test_the_child_can_do_nothing_else() -> None:
    """Once shut in: no files, sockets, processes or programs, and no more memory than is allowed."""
    environ = {"PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run([sys.executable, "-c", _FORBIDDEN], capture_output=True, check=True, env=environ)
    done = json.loads(said.stdout)
    if not done.pop("shut"):
        pytest.skip("this kernel does not shut processes in")
    assert done.pop("control")
    assert not any(done.values()), done


def test_the_command_tells_each_file(tmp_path: Path) -> None:
    """A JSON object a file; one that is not there is told on standard error, exit code 2."""
    (tmp_path / "a.png").write_bytes(VARIANTS["png"])
    (tmp_path / "b.txt").write_text("text", "utf-8")
    result = CliRunner().invoke(evenhand, ["media", "hash", str(tmp_path), str(tmp_path / "none"), "--json"])
    assert result.exit_code == 2
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(row["file"]).name for row in rows] == ["a.png", "b.txt"]
    assert rows[0]["quality"] >= 80
    assert rows[1]["pdq"] is None
    assert "none of JPEG" in rows[1]["reason"]
    assert "none" in json.loads(result.stderr)["file"]
