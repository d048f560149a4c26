"""The only reader of law/*.toml."""
