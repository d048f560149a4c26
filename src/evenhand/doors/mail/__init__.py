"""Mail: raw bytes become a letter in a sandboxed child; mailboxes are read message by message."""
