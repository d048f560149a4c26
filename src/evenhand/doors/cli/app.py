"""The command line's root: commands are imported when they are called, so that `--help` answers at once."""

import os
import signal
import sys
import threading
from importlib import import_module
from typing import Any

import click

from evenhand.vocabulary.errors import Fault, InputError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it."""

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
    "law": "evenhand.doors.cli.law:law",
    "assess": "evenhand.doors.cli.assess:assess",
    "token": "evenhand.doors.cli.token:token",
    "staff": "evenhand.doors.cli.staff:staff",
    "statement": "evenhand.doors.cli.statement:statement",
    "authority": "evenhand.doors.cli.authority:authority",
    "mail": "evenhand.doors.cli.mail:mail",
    "deliveries": "evenhand.doors.cli.deliveries:deliveries",
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
        _take_interrupts_back()
        assert isinstance(command, click.Command)  # noqa: S101
        return command


def _take_interrupts_back() -> None:
    """Let Ctrl-C end a command that waits for input: importing Polars puts a handler of its own below Python's."""
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@click.group(cls=_Commands)
@click.version_option(package_name="evenhand")
def evenhand() -> None:
    """Evenhand: the desk where a platform answers for what happens on it."""


def run_command(house: Any) -> int:
    """Run the command that the process was called with; return its exit code.

    Whatever ends it early is told in one line on standard error: 2 for what came in, 1 for what failed on our side.
    A reader of ours that went away, and Ctrl-C, are told nothing.
    """
    try:
        code = evenhand.main(obj=house, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        return _ended(error.format_message(), error.exit_code)
    except InputError as error:
        return _ended(str(error), 2)
    except Fault as error:
        return _ended(str(error), 1)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # What is left in the buffer would be written once more at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _ended(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error), 1)
    return code if isinstance(code, int) else 0


def _ended(reason: str, code: int) -> int:
    sys.stderr.write(f"evenhand: {' '.join(reason.split())}\n")
    return code
