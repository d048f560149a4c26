"""Where the files that come with Evenhand lie."""

from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "screening" / "shipped"
DEMO_POSTS = SHIPPED / "demo" / "posts.ndjson"
DEMO_LABELLED = SHIPPED / "demo" / "labelled.ndjson"
LISTS = SHIPPED / "lists"
RULES = SHIPPED / "rules"
MODEL = SHIPPED / "spam.npz"
MODEL_FILE = "spam.npz"
