"""Lines of notices are read by a child: parsed, checked and looked at while the desk's own process rules on others.

The child holds no key and opens no file of the desk. Without it (it ended, it hangs) the lines are read here.
"""

from collections.abc import Sequence

import msgspec

from evenhand.doors.http.child import Child
from evenhand.doors.http.notice_body import Caller, LineRefused, read_lines
from evenhand.flow.accepting import ReadNotice

LINES_FROM = 32
"""Fewer are read here: the way to the child and back costs more."""
_ASKED = msgspec.msgpack.Encoder()
_ANSWERED = msgspec.msgpack.Decoder(list[bytes])
_READ = msgspec.msgpack.Decoder(ReadNotice)
_REFUSED = msgspec.msgpack.Decoder(LineRefused)


class NoticeReader:
    """Reads calls' lines, one call after the other."""

    def __init__(self) -> None:
        self.child = Child("evenhand.doors.http.notice_child")

    def read(self, lines: Sequence[bytes], caller: Caller) -> list[ReadNotice | LineRefused]:
        """Return the notice or the refusal of each line (`notice_body.read_lines`)."""
        answer = None if len(lines) < LINES_FROM else self.child.ask(_ASKED.encode((caller, lines)))
        if answer is None:
            return read_lines(lines, caller)
        told = _ANSWERED.decode(answer)
        if any(one[:1] == b"?" for one in told):
            # Letters that only Python's own texts can hold do not come over the pipe.
            return read_lines(lines, caller)
        return [_READ.decode(one[1:]) if one[:1] == b"+" else _REFUSED.decode(one[1:]) for one in told]

    def close(self) -> None:
        """End the child."""
        self.child.close()
