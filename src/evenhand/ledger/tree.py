"""The log's tree (RFC 6962, SHA-256): pure."""
