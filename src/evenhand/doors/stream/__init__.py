"""Posts as streams: NDJSON, Telegram Desktop exports."""
