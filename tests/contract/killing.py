"""A process that tells what it has done, a line each, and is killed a moment after it has told enough."""

import random
import subprocess
import sys
import time
from pathlib import Path


def told_until_killed(script: str, data: Path, first: int, mode: str, last: str, chance: random.Random) -> list[str]:
    """Return the whole lines that a child said before it died.

    Args:
        script: A file beside this one; it is given the data directory, the first number and the mode.
        data: The docket's directory.
        first: The first number.
        mode: "sound", or what the control does.
        last: What the last lines that it is let say begin with, and how many of them: "sent 3".
        chance: When exactly it is killed.
    """
    word, _, count = last.partition(" ")
    left = int(count)
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name(script)), str(data), str(first), mode], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    said = []
    try:
        while left:
            line = child.stdout.readline()
            assert line, "the child ended by itself"
            said.append(line)
            left -= line.startswith(word.encode())
        # Each act takes a few milliseconds.
        time.sleep(chance.uniform(0.0, 0.02))
    finally:
        child.kill()
        said += child.stdout.read().splitlines(keepends=True)
        child.stdout.close()
        child.wait()
    return [line.decode() for line in said if line.endswith(b"\n")]
