"""Measure the shipped model of the wrong door on letters that nothing was tuned on; prints a Markdown table.

An argument names another folder of such letters, as `tests/untouched/wrong_door_second`.
"""

import sys
from pathlib import Path

from evenhand.flow.wrong_door import shipped_door_model
from evenhand.orders.wrong_door_letters import LANGUAGES, LabelledLetter, read_labelled
from evenhand.orders.wrong_door_training import Share, try_door_model

UNTOUCHED = Path(__file__).parents[1] / "tests" / "untouched" / "wrong_door"


def untouched_letters(folder: Path = UNTOUCHED) -> list[LabelledLetter]:
    """Return the letters of a folder with one file a language."""
    return [
        letter
        for language in LANGUAGES
        for letter in read_labelled((folder / f"{language}.txt").read_text("utf-8"), language)
    ]


def main() -> None:
    """Print recall and false alarms of each language with 95 % intervals."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else UNTOUCHED
    tested = try_door_model(shipped_door_model(), untouched_letters(folder))
    lines = ["| language | recall | false alarms | letters |", "|---|---|---|---|"]
    for name, told in tested.items():
        letters = told.recall.of + told.false_alarms.of
        lines.append(f"| {name} | {_share(told.recall)} | {_share(told.false_alarms)} | {letters} |")
    sys.stdout.write("\n".join(lines) + "\n")


def _share(share: Share) -> str:
    low, high = share.bounds
    return f"{share.share:.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
