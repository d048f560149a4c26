"""`evenhand backtest`: what a rule would have done over the past days."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from evenhand.doors.cli.house import House
from evenhand.doors.cli.screen import list_option, rule_option
from evenhand.flow.backtest import Backtest, BacktestRequest, Hit
from evenhand.vocabulary.errors import InputError

_UNITS = {"d": 1.0, "h": 1 / 24, "w": 7.0}


@click.command()
@click.argument("rule")
@click.option("--since", default="7d", show_default=True, help="How far back: 36h, 7d, 4w.")
@click.option("--examples", default=5, show_default=True, type=click.IntRange(0, 1000), help="Newest hits to show.")
@list_option
@rule_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def backtest(
    house: House, rule: str, since: str, examples: int, lists: Path | None, rules: Path | None, *, as_json: bool
) -> None:
    """Run RULE (a name, or the path of a rule's .toml file) over the signals that were kept of past posts.

    Tells the hits of each day, the newest of them under pseudonyms, and how they agree with what moderators decided
    (95 % intervals). Texts are not kept, so nothing is read again: a list that came later is unknown for older posts.
    """
    data = house.settings.data
    request = BacktestRequest(rule=rule, days=days_of(since), rules=rules, lists=lists, examples=examples, data=data)
    found = house.backtest(request)
    click.echo(json.dumps(_summary(found), ensure_ascii=False, default=_instant) if as_json else _text(found))


def days_of(since: str) -> float:
    """Return a time span, as in 36h, 7d or 4w, in days.

    Raises:
        InputError: It is none.
    """
    read = re.fullmatch(r"([0-9]{1,5})([dhw])", since)
    if read is None:
        raise InputError("--since", f"{since!r} is no time span, as in 36h, 7d or 4w")
    return int(read.group(1)) * _UNITS[read.group(2)]


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
    raise TypeError(type(value).__name__)


def _summary(found: Backtest) -> dict[str, Any]:
    over = found.overlap
    return {
        "rule": found.rule,
        "version": found.version,
        "since": found.since,
        "screened": sum(day.screened for day in found.days),
        "hits": found.hits,
        "already_flagged": found.already,
        "days": [{"day": str(day.day), "screened": day.screened, "hits": day.hits} for day in found.days],
        "examples": [_example(hit) for hit in found.examples],
        "moderators": {
            "decided": over.decided,
            **{
                name: {
                    "share": round(share.share, 4) if share.whole else None,
                    "low": round(share.bounds[0], 4),
                    "high": round(share.bounds[1], 4),
                    "part": share.part,
                    "whole": share.whole,
                }
                for name, share in (("precision", over.precision), ("recall", over.recall))
            },
            "harmful_hits_by_category": over.by_category,
        },
    }


def _example(hit: Hit) -> dict[str, Any]:
    return {
        "post": hit.post,
        "author": hit.author,
        "channel": hit.channel,
        "posted_at": hit.posted_at,
        "verdict": hit.verdict,
        "signals": hit.values,
    }


def _text(found: Backtest) -> str:
    screened = sum(day.screened for day in found.days)
    told = f"{found.rule} {found.version}: {found.hits:,} hits in {screened:,} screenings since"
    lines = [f"{told} {_instant(found.since)}; {found.already:,} of them were flagged then, too."]
    if not screened:
        lines.append("Nothing was kept of that time. Signals are kept while posts are screened (setting signals_kept).")
    lines += [f"  {day.day}  {day.hits:10,} hits of {day.screened:12,}" for day in found.days]
    for hit in found.examples:
        values = ", ".join(f"{name} = {value}" for name, value in hit.values.items())
        lines.append(f"  {_instant(hit.posted_at)}  {hit.post}  {hit.verdict:8} [{values}]")
    over = found.overlap
    if not over.decided:
        lines.append("Moderators decided none of these posts.")
        return "\n".join(lines)
    lines.append(f"Moderators decided {over.decided:,} of these posts:")
    for name, share in (("precision", over.precision), ("recall", over.recall)):
        low, high = share.bounds
        lines.append(f"  {name:9} {share.share:.3f} ({low:.3f} to {high:.3f}), {share.part:,} of {share.whole:,}")
    return "\n".join(lines)
