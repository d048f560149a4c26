"""`evenhand train`: a classifier from labelled messages."""

import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

import click

from evenhand.doors.stream.ndjson import read_messages
from evenhand.flow.train import Labelled, Training, save_model, train_classifier
from evenhand.settings import load_settings
from evenhand.vocabulary.errors import InputError


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Directory for the model.")
@click.option("--test-share", type=click.FloatRange(0.05, 0.9), default=0.3, show_default=True, help="Held back.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def train(file: BinaryIO, out: Path | None, test_share: float, seed: int, as_json: bool) -> None:
    """Train the spam classifier on FILE: a line {"label": "spam"|"ham", "text": …, "source": …} a message.

    It is trained on one part and tested on the rest; near-copies of a text never fall on both sides. Then it is
    trained on everything and written into --out (default: models/ in the data directory).
    """
    bad_lines = 0

    def report(line: int, field: str, reason: str) -> None:
        nonlocal bad_lines
        bad_lines += 1
        click.echo(json.dumps({"line": line, "field": field, "reason": reason}, ensure_ascii=False), err=True)

    messages = [Labelled(source=m.source, spam=m.label == "spam", text=m.text) for m in read_messages(file, report)]
    try:
        training = train_classifier(messages, test_share, seed)
        path = save_model(training.model, out or load_settings().data / "models")
    except (InputError, OSError) as error:
        click.echo(f"evenhand train: {error}", err=True)
        sys.exit(2)
    summary = _summary(training, path)
    click.echo(json.dumps(summary, ensure_ascii=False) if as_json else _text(summary))
    sys.exit(2 if bad_lines else 0)


def _summary(training: Training, path: Path) -> dict[str, Any]:
    parts = {"overall": training.overall, **training.by_source}
    return {
        "model": str(path),
        "version": training.model.version,
        "trained_on": training.trained_on,
        "tested": {
            name: {
                "texts": part.texts,
                **{
                    figure: {
                        "share": round(value.share, 4),
                        "low": round(value.bounds[0], 4),
                        "high": round(value.bounds[1], 4),
                        "of": value.whole,
                    }
                    for figure, value in (("precision", part.precision), ("recall", part.recall))
                },
            }
            for name, part in parts.items()
        },
    }


def _text(summary: dict[str, Any]) -> str:
    lines = [f"Trained on {summary['trained_on']:,} messages, tested on the rest (95 % intervals):", ""]
    for name, part in summary["tested"].items():
        figures = (
            f"{figure} {part[figure]['share']:.3f} ({part[figure]['low']:.3f} to {part[figure]['high']:.3f})"
            for figure in ("precision", "recall")
        )
        lines.append(f"  {name:24} {part['texts']:6,} texts  {'  '.join(figures)}")
    lines += ["", f"Then trained on all. Model {summary['version']} in {summary['model']}"]
    return "\n".join(lines)
