"""`evenhand up`: the whole desk as a service."""

import click

from evenhand.doors.cli.house import House


@click.command()
@click.pass_obj
def up(house: House) -> None:
    """Serve the public site, the console and the log from the data directory."""
    house.publish()
    click.echo(f"Serving at {house.settings.public_url}", err=True)
    house.serve()
