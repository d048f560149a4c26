"""The accounts file's own tables, step by step."""
