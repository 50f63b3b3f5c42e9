"""``spend report``: the HTML report alone."""

from pathlib import Path
from typing import Any

import click

from analyzer.cli import options
from analyzer.cli.analyze import REPORT, run
from analyzer.cli.output import apart


@click.command(short_help="Write the HTML report.")
@options.logs_argument
@options.db_option
@click.option("--report", default=REPORT, show_default=True, type=click.Path(), help="Where the HTML report goes.")
@options.engine_options
@options.reading_options
@options.view_options
@options.scenario_option
@options.strict_option
@click.pass_context
def report(ctx: click.Context, /, report: str, **given: Any) -> None:
    """Write the HTML report."""
    from analyzer.report.page import write_report

    apart({"--report": report}, given)
    analysis, sound = run(given)
    write_report(analysis, Path(report))
    click.echo(f"Report: {report}")
    ctx.exit(0 if sound else 1)
