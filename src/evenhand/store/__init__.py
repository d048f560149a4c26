"""The store: one contract for writing and three stores behind it (memory, SQLite, PostgreSQL)."""
