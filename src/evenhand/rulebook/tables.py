"""Types of the law tables' rows."""
