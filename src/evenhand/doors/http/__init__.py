"""The API: programs' way in. Answers in JSON, refuses as problem+json (RFC 9457)."""
