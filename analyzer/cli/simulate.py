"""``spend simulate``: what the history would have cost, and how sure that is."""

from decimal import Decimal
from typing import Any

import click

from analyzer.cli import options
from analyzer.cli.analyze import run
from analyzer.errors import UsageError


@click.command(short_help="What scenarios would have cost, and how sure that is.")
@options.logs_argument
@options.db_option
@options.engine_options
@options.reading_options
@options.view_options
@options.scenario_option
@click.option(
    "--budget", metavar="AMOUNT", help="What Pro's share of the traffic may cost in all; else what was spent."
)
@click.option("--init", "example", metavar="NAME", help="Write a commented scenario from these endpoints to NAME.toml.")
@options.strict_option
@options.json_option
@click.pass_context
def simulate(ctx: click.Context, /, as_json: bool, budget: str | None, example: str | None, **given: Any) -> None:
    """Print what scenarios would have cost: bounds, break-evens, sensitivity and what the guide would say."""
    from analyzer.report.document import simulation_document, text
    from analyzer.report.summary import what_if

    if example is not None:
        if as_json:
            raise UsageError("--init goes without --json", "it writes a file; leave one of them out")
        given["endpoint_by"] = "endpoint"  # what rules speak of
    analysis, sound = run(given, _amount(budget))
    if example is not None:
        from analyzer.simulate.example import write_example

        history = given["logs"] or (("--db", str(given["db"])) if given["db"] else ())
        if given["tables"]:  # the address may have a token in it
            history = (
                "--engine",
                "sc://HOST:PORT",
                *(word for table in given["tables"] for word in ("--table", table)),
            )
        path = write_example(example, analysis.answers["endpoints"]["endpoint"].to_list(), history)
        click.echo(f"{path}: a scenario to start from")
    else:
        click.echo(text(simulation_document(analysis)) if as_json else what_if(analysis), nl=False)
    ctx.exit(0 if sound else 1)


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    from analyzer.simulate import words

    try:
        return words.amount(text)
    except words.NotMeantError as error:
        raise UsageError(f"--budget {text}: {error}", "write a number such as 250.00") from error
