"""``spend simulate``: the what-if table alone."""

from typing import Any

import click

from analyzer.cli import options
from analyzer.cli.analyze import run


@click.command()
@options.logs_argument
@options.db_option
@options.reading_options
@options.view_options
@options.scenario_option
@options.strict_option
@options.json_option
@click.pass_context
def simulate(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """Print the what-if table for one or more scenarios."""
    from analyzer.report.document import simulation_document, text
    from analyzer.report.summary import what_if

    analysis, sound = run(given)
    click.echo(text(simulation_document(analysis)) if as_json else what_if(analysis), nl=False)
    ctx.exit(0 if sound else 1)
