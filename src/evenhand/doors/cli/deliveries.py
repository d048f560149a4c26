"""`evenhand deliveries`: what waits to leave the house, what was given up, who is called; beside the running desk."""

import json
from typing import Any

import click

from evenhand.doors.cli.house import House


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--check", is_flag=True, help="End with 1 when a call is open or something was given up.")
@click.pass_obj
def deliveries(house: House, *, as_json: bool, check: bool) -> int:
    """Say what waits to leave the house, what was given up and which calls are open."""
    found = house.deliveries()
    if as_json:
        click.echo(json.dumps(found, sort_keys=True))
    else:
        for line in _lines(found):
            click.echo(line)
    return int(check and bool(found["calls"] or any(lane["dead"] for lane in found["lanes"].values())))


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{one['at']}  call {one['number']}: {one['why']}" for one in found["calls"]]
    for name, lane in found["lanes"].items():
        lines.append(f"{name}: {lane['waiting']} waiting, {lane['dead']} given up")
        for day, counts in lane["days"].items():
            lines.append(f"  {day}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    lines += [f"given up: {one['lane']} {one['number']} {one['kind']}: {one['why']}" for one in found["dead"]]
    return lines
