"""The desk: cases, lanes, decisions, strikes."""
