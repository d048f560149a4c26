"""`evenhand train`: a classifier from labelled messages."""

import io
import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

import click

from evenhand.doors.cli.backtest import days_of
from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.doors.stream.ndjson import read_messages
from evenhand.flow.relearn import Quality, Relearned, promote, relearn
from evenhand.flow.shipped import DEMO_LABELLED, MODEL, MODEL_FILE
from evenhand.flow.train import Labelled, Training, load_model, save_model, train_classifier
from evenhand.vocabulary.errors import InputError


@click.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--from-decisions", "decisions", type=click.File("rb"), help="What moderators decided, a line each.")
@click.option("--from-docket", "docket", is_flag=True, help="What moderators decided, from this desk's docket.")
@click.option("--since", default="90d", show_default=True, help="With --from-docket: 36h, 7d, 12w.")
@click.option("--by", default="", help="With --from-docket: who reads the decided texts; it is recorded.")
@click.option("--purpose", default="", help="With --from-docket: what for; it is recorded.")
@click.option("--promote", "promoting", is_flag=True, help="Let the new model serve, if it is better.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Directory for the model.")
@click.option("--test-share", type=click.FloatRange(0.05, 0.9), default=0.3, show_default=True, help="Held back.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def train(
    house: House,
    file: BinaryIO | None,
    decisions: BinaryIO | None,
    since: str,
    by: str,
    purpose: str,
    out: Path | None,
    test_share: float,
    seed: int,
    *,
    docket: bool,
    promoting: bool,
    as_json: bool,
) -> None:
    """Train the spam classifier on FILE: a line {"label": "spam"|"ham", "text": …, "source": …} a message.

    It is trained on one part and tested on the rest; near-copies of a text never fall on both sides. Then it is
    trained on everything and written into --out (default: models/ in the data directory).

    With --from-decisions, lines that also say "by" (who decided) and "subject" (whose message), it learns from them
    beside FILE (default: the messages that come along), is compared with the serving model on decisions that neither
    saw, and serves only with --promote and only if it is better: exit code 1 where it is not.

    With --from-docket it learns likewise from what moderators decided at this desk. --by and --purpose say who reads
    the texts and what for; both are recorded before the first one is opened.
    """
    if docket and decisions is not None:
        raise InputError("--from-docket", "or --from-decisions, not both")
    learning = docket or decisions is not None
    if file is None and not learning:
        raise InputError("FILE", "is needed, or --from-decisions or --from-docket")
    if promoting and not learning:
        raise InputError("--promote", "goes with --from-decisions or --from-docket")
    errors = LineErrors()
    directory = out or house.settings.data / "models"
    if not learning:
        assert file is not None  # noqa: S101 - one of them is there
        try:
            training = train_classifier(_labelled(file, errors), test_share, seed)
            path = save_model(training.model, directory)
        except (InputError, OSError) as error:
            click.echo(f"evenhand train: {error}", err=True)
            sys.exit(2)
        summary = _summary(training, path)
        click.echo(json.dumps(summary, ensure_ascii=False) if as_json else _text(summary))
        sys.exit(2 if errors.seen else 0)
    base = _labelled(file, errors) if file is not None else _labelled(io.BytesIO(DEMO_LABELLED.read_bytes()), errors)
    serving = directory / MODEL_FILE
    decided = _labelled(decisions, errors) if decisions else house.decided_messages(days_of(since), by, purpose)
    found = relearn(decided, base, load_model(serving if serving.exists() else MODEL), test_share, seed)
    promoted = promote(found, directory) if promoting and found.better else None
    told = _relearnt(found, promoted)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _relearnt_text(told))
    sys.exit(2 if errors.seen else 1 if promoting and promoted is None else 0)


def _labelled(file: BinaryIO, errors: LineErrors) -> list[Labelled]:
    return [
        Labelled(source=m.source, spam=m.label == "spam", text=m.text, by=m.by, subject=m.subject)
        for m in read_messages(file, errors)
    ]


def _relearnt(found: Relearned, promoted: Path | None) -> dict[str, Any]:
    left = found.vetted
    return {
        "version": found.model.version,
        "serving": found.serving_version,
        "left_out": {"copies": left.copies, "contradictory": left.contradictory, "suspicious": left.suspicious},
        "suspects": [
            {"role": each.role, "account": each.account, "flips": each.flips.part, "of": each.flips.whole}
            for each in left.suspects
        ],
        "held_back": found.held_back,
        "tested": {"serving": _figures(found.serving), "candidate": _figures(found.candidate)},
        "gained": found.gained,
        "lost": found.lost,
        "chance": round(found.chance, 6),
        "better": found.better,
        "promoted": None if promoted is None else str(promoted),
    }


def _relearnt_text(told: dict[str, Any]) -> str:
    left = told["left_out"]
    lines = [
        f"Left out: {left['copies']} copies, {left['contradictory']} contradictory, {left['suspicious']} suspicious.",
        *(
            f"  {s['role']} {s['account']}: {s['flips']} of {s['of']} contradict the serving model"
            for s in told["suspects"]
        ),
        f"On {told['held_back']} decisions that neither saw (95 % intervals):",
        *(_quality_line(name, part) for name, part in told["tested"].items()),
        f"Gained {told['gained']}, lost {told['lost']}; probability of that by chance {told['chance']:.4f}.",
    ]
    if told["promoted"]:
        lines.append(f"Model {told['version']} serves now: {told['promoted']}")
    else:
        lines.append(
            f"Model {told['version']} is {'better' if told['better'] else 'not better'}; {told['serving']} serves."
        )
    return "\n".join(lines)


def _figures(part: Quality) -> dict[str, Any]:
    return {
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


def _quality_line(name: str, part: dict[str, Any]) -> str:
    figures = (
        f"{figure} {part[figure]['share']:.3f} ({part[figure]['low']:.3f} to {part[figure]['high']:.3f})"
        for figure in ("precision", "recall")
    )
    return f"  {name:24} {part['texts']:6,} texts  {'  '.join(figures)}"


def _summary(training: Training, path: Path) -> dict[str, Any]:
    parts = {"overall": training.overall, **training.by_source}
    return {
        "model": str(path),
        "version": training.model.version,
        "trained_on": training.trained_on,
        "tested": {name: _figures(part) for name, part in parts.items()},
    }


def _text(summary: dict[str, Any]) -> str:
    lines = [f"Trained on {summary['trained_on']:,} messages, tested on the rest (95 % intervals):", ""]
    lines += [_quality_line(name, part) for name, part in summary["tested"].items()]
    lines += ["", f"Then trained on all. Model {summary['version']} in {summary['model']}"]
    return "\n".join(lines)
