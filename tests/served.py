"""A desk served in a process of its own, for tests that come to it as a browser does."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen


@contextmanager
def served(script: Path, data: Path) -> Iterator[str]:
    """Run a script that serves `data` on a free port (its two arguments); it must end by itself when asked to.

    Gives:
        Where it is served, without a slash at the end.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(script), str(data), str(port)]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    try:
        _wait(f"http://localhost:{port}/healthz", process)
        yield f"http://localhost:{port}"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _turn in range(1800):  # some are full before they answer, on a machine that does much else
        assert process.poll() is None, "the server ended"
        try:
            with urlopen(url, timeout=2) as answer:
                assert answer.read() == b"ok\n"
                return
        except OSError:  # URLError among them
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
