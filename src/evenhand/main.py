"""The wiring: settings, stores, doors."""


def run() -> None:
    """Start the command line."""
    from evenhand.doors.cli import app

    app.evenhand()
