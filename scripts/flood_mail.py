"""Send malformed messages to a running desk over LMTP; tell whether each was kept, how long it took, what it used.

    scripts/flood_mail.py COUNT [SEED]

Starts a desk of its own on a fresh data directory, sends COUNT messages of every kind that `tests/mail_hostile.py`
makes, then one well-formed request, and prints one JSON object. Ends with 1 when a message has no reference of its own.
"""

import json
import os
import resource
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from mail_hostile import hostile_messages

REQUEST = (
    b"From: Officer <officer@ministry.example>\r\nTo: authorities@desk.example\r\nSubject: order\r\n\r\nYou are "
    b"ordered to disclose the subscriber data of @example, section 100j. Public prosecutor, case 12 Js 345/26.\r\n"
)
A_CONNECTION = 500


def main() -> int:
    """Run it."""
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory(prefix="flood") as data:
        web, lmtp = free_port(), free_port()
        env = {**os.environ, "EVENHAND_DATA": data, "EVENHAND_LISTEN": f"127.0.0.1:{web}"}
        env |= {"EVENHAND_LMTP_LISTEN": f"127.0.0.1:{lmtp}", "EVENHAND_PUBLIC_URL": f"http://localhost:{web}"}
        desk = subprocess.Popen([sys.executable, "-c", "from evenhand.main import run; run()", "up"], env=env)
        try:
            wait(lmtp)
            said = flood(lmtp, count, seed)
            said["desk_peak_rss_mib"] = peak_mib(desk.pid)
        finally:
            desk.send_signal(signal.SIGINT)
            try:
                desk.wait(timeout=60)
            except subprocess.TimeoutExpired:
                desk.kill()
                desk.wait()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        said["cpu_s"] = round(used.ru_utime + used.ru_stime, 1)
    sys.stdout.write(json.dumps(said) + "\n")
    return 0 if said["references"] == count + 1 and said["refused"] == 0 else 1


def flood(port: int, count: int, seed: int) -> dict[str, float]:
    """Send all; return what became of them."""
    references: set[str] = set()
    refused = sent_bytes = 0
    slowest_s = 0.0
    begun = time.monotonic()
    line = smtplib.LMTP("127.0.0.1", port, timeout=120)
    for number, raw in enumerate([*hostile_messages(count, seed), REQUEST]):
        if number % A_CONNECTION == 0:
            line.close()
            line = smtplib.LMTP("127.0.0.1", port, timeout=120)
            line.ehlo("mx.example")
        at = time.monotonic()
        line.mail("bounce@mx.example")
        line.rcpt("authorities@desk.example")
        # Numbered, so that no two are the same letter.
        code, words = line.data(b"X-Number: %d\r\n" % number + raw)
        slowest_s = max(slowest_s, time.monotonic() - at)
        sent_bytes += len(raw)
        if code == 250:
            references.add(words.split()[-1].decode())
        else:
            refused += 1
    took = time.monotonic() - begun
    return {
        "messages": count,
        "refused": refused,
        "references": len(references),
        "sent_mb": round(sent_bytes / 1e6),
        "wall_s": round(took, 1),
        "slowest_s": round(slowest_s, 2),
    }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait(port: int) -> None:
    """Wait until somebody listens there."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the desk does not listen")


def peak_mib(pid: int) -> int:
    """Return the most memory that a process has used."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


if __name__ == "__main__":
    raise SystemExit(main())
