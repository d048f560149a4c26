"""Public log entries: what a decoder of the log sees. Written by `release`, read by `reports`.

Entries are canonical JSON (RFC 8785), at most 65,535 bytes, without free text and without personal data.
The documented form is docs/reference/log_entries.md. `{"type": …, "v": 1}` tells which of these an entry is:

decision  {"action", "automated_detection": "Yes"|"No", "automation", "category", "commitment", "day", "edition",
           "ground", "item", "keyword"?, "language"?, "replayed"?: true, "reverses"?, "rule", "source",
           "territory"?: […], "type", "v"}
screened  {"by_kind", "by_language", "by_verdict", "day", "edition", "posts", "type", "v"}: counts of one screened batch
batch     {"at", "root", "size", "type", "v"}: every ten seconds, the root over salted commitments to receipts

`at` is YYYY-MM-DDThh:mm:ssZ, a multiple of ten seconds; `root` 64 hex digits; `size` the places in a batch, always all.
`reverses` is the leaf index of the decision that this one takes the place of.
`day` is YYYY-MM-DD, UTC.
`commitment` is SHA-256, 64 hex digits, over salt (16 bytes) ‖ the private part (canonical JSON).
`rule` is the published name of the rule, `edition` 16 hex digits over the rules and lists that judged.
"""

ENTRY_VERSION = 1
ENTRY_BYTES_MAX = 65_535
UNKNOWN_LANGUAGE = "und"
"""ISO 639-2 "undetermined": key of the by_language counts for posts whose language is not given."""
