"""The command line's root: commands are imported when they are called, so that `--help` answers at once."""

from importlib import import_module

import click

COMMANDS = {
    "demo": "evenhand.doors.cli.demo:demo",
    "up": "evenhand.doors.cli.up:up",
    "report": "evenhand.doors.cli.report:report",
    "replay": "evenhand.doors.cli.replay:replay",
    "bench": "evenhand.doors.cli.bench:bench",
    "screen": "evenhand.doors.cli.screen:screen",
    "rules": "evenhand.doors.cli.rule_files:rules",
    "backtest": "evenhand.doors.cli.backtest:backtest",
    "hunt": "evenhand.doors.cli.hunt:hunt",
    "train": "evenhand.doors.cli.train:train",
    "media": "evenhand.doors.cli.media:media",
    "log": "evenhand.doors.cli.log:log",
    "receipt": "evenhand.doors.cli.receipt:receipt",
    "audit": "evenhand.doors.cli.audit:audit",
    "assess": "evenhand.doors.cli.assess:assess",
    "token": "evenhand.doors.cli.token:token",
    "statement": "evenhand.doors.cli.statement:statement",
    "authority": "evenhand.doors.cli.authority:authority",
    "mail": "evenhand.doors.cli.mail:mail",
}
"""Command name → "module:attribute"."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101
        return command


@click.group(cls=_Commands)
@click.version_option(package_name="evenhand")
def evenhand() -> None:
    """Evenhand: the desk where a platform answers for what happens on it."""
