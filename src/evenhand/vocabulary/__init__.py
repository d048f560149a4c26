"""The field's nouns: frozen values, no I/O, no clock; imports nothing of ours."""
