"""Where the files that come with Evenhand lie."""

from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "screening" / "shipped"
DEMO_POSTS = SHIPPED / "demo" / "posts.ndjson"
DEMO_LABELLED = SHIPPED / "demo" / "labelled.ndjson"
LISTS = SHIPPED / "lists"
RULES = SHIPPED / "rules"
MODEL_FILE = "spam.npz"
"""Name of a classifier's file, shipped or trained."""
MODEL = SHIPPED / MODEL_FILE
