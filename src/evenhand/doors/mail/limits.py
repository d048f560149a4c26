"""What a message may have, and what the child that reads it may use."""

MESSAGE_BYTES_MAX = 32 << 20
HEADER_BLOCK_BYTES_MAX = 256 << 10
HEADER_FIELDS_MAX = 1_000
PARTS_MAX = 200
DEPTH_MAX = 20
TREES_MAX = 60
"""Parts that hold parts: multipart/… and message/…."""
CONTENT_FIELD_BYTES_MAX = 8 << 10
"""One Content-Type or Content-Disposition field."""
ATTACHMENTS_MAX = 100
TEXT_CHARACTERS_MAX = 1 << 20
FILE_NAME_CHARACTERS_MAX = 120

READING_TIME_S = 10.0
"""Wall time for one message; then the child is killed."""
CHILD_CPU_S = 600
"""Processor time for all the messages that one child reads."""
CHILD_MEMORY_BYTES = 1 << 30
CHILD_MESSAGES_MAX = 2_000
"""After so many messages a fresh child takes over, so that nothing it leaks can grow."""
ANSWER_BYTES_MAX = 64 << 20
