"""What can be done at the desk, as rights; `access/rules.py` has the table of who has which."""

from enum import StrEnum


class Right(StrEnum):
    """One thing that somebody may do."""

    COUNTS = "counts"  # see figures
    LIST = "list"  # see that a case is there
    READ = "read"  # open it: what was posted and who sent what
    CLAIM = "claim"
    NOTE = "note"
    ASK = "ask"  # write to a party
    PROPOSE = "propose"  # propose a decision
    SECOND = "second"  # be the second pair of eyes
    MOVE = "move"  # to another queue
    BULK = "bulk"  # decide many at once
    ALARM = "alarm"  # start a notification under Art. 18
    SEALED = "sealed"  # read sealed threads
    DELIVERIES = "deliveries"  # see what could not be sent and who was called, and have it tried again
    APPROVE = "approve"  # approve or refuse the exact bytes of a reply to an authority
    QUALITY = "quality"  # set test cases, read error rates
