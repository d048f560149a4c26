"""`evenhand media`: hashes of pictures and files, for platforms that hold none."""

import json
import sys
from pathlib import Path

import click

from evenhand.flow.media import MediaHashes, hash_media
from evenhand.vocabulary.errors import InputError


@click.group()
def media() -> None:
    """Work with pictures and files."""


@media.command("hash")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
def hash_(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Print SHA-256, MD5 and, of pictures, PDQ with its quality, for each of FILES (directories are walked through).

    sha256, md5 and pdq are what the media of a post carry (docs/reference/post_format.md). Pictures are decoded in a
    child process without files and network. A file that cannot be read is reported on standard error; exit code 2.
    """
    failed = 0
    for path, found in hash_media(files):
        if isinstance(found, InputError):
            failed += 1
            told = {"file": str(path), "reason": found.reason}
            sys.stderr.write(json.dumps(told, ensure_ascii=False) + "\n")
        else:
            click.echo(_line(path, found) if as_json else _text(path, found))
    raise SystemExit(2 if failed else 0)


def _line(path: Path, found: MediaHashes) -> str:
    row = {
        "file": str(path),
        "size": found.size,
        "sha256": found.sha256,
        "md5": found.md5,
        "pdq": found.pdq,
        "quality": found.quality,
        "turned": found.turned,
        "derived": found.derived,
        "over_white": found.over_white,
        "truncated": found.truncated,
        "reason": found.reason,
    }
    return json.dumps(row, ensure_ascii=False)


def _text(path: Path, found: MediaHashes) -> str:
    picture = f"pdq {found.pdq} quality {found.quality}" if found.pdq else f"no pdq: {found.reason}"
    return f"{path}\n  sha256 {found.sha256}\n  md5 {found.md5}\n  {picture}"
