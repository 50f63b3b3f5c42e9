"""``spend export``: costs or requests as files, for the warehouse and the ledger of finance."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from analyzer.cli import options, say
from analyzer.cli.output import apart
from analyzer.errors import OutputError, UsageError

SHAPES = ("csv", "parquet", "xlsx", "focus")
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_DIALECT = ("delimiter", "decimal", "bom")


@click.command(short_help="Write costs or requests to a file, FOCUS among them.")
@options.logs_argument
@click.option("--csv", "as_csv", is_flag=True, help="Text, one row a line.")
@click.option("--parquet", "as_parquet", is_flag=True, help="For a warehouse; money as DECIMAL.")
@click.option("--xlsx", "as_xlsx", is_flag=True, help="A workbook; at most 1,048,575 rows.")
@click.option(
    "--focus", "as_focus", is_flag=True, help="Rows of FOCUS Cost and Usage, as CSV, or as Parquet if PATH says so."
)
@click.option(
    "--output", metavar="PATH", help="The file; - is standard output.  [default: spend-export.csv, .parquet, ...]"
)
@click.option(
    "--what",
    type=click.Choice(["costs", "hours", "requests"]),
    default="costs",
    show_default=True,
    help="Cost lines by day, cost lines by hour, or each request.",
)
@click.option(
    "--partition", is_flag=True, help="Requests as Parquet without prices, in a folder PATH/month=2026-10 a month."
)
@click.option("--delimiter", type=click.Choice([",", ";", "tab", "|"]), help="Between fields.  [default: , or ;]")
@click.option("--decimal", type=click.Choice([".", ","]), default=".", show_default=True, help="Before decimals.")
@click.option("--bom", is_flag=True, help="Begin with a byte-order mark, for Excel.")
@click.option("--raw", is_flag=True, help="Names as they are, also those that a spreadsheet would compute.")
@click.option("--focus-version", type=click.Choice(["1.2", "1.4"]), default="1.2", show_default=True, help="Of FOCUS.")
@click.option(
    "--billing-model",
    type=click.Choice(["postpaid", "prepaid"]),
    default="postpaid",
    show_default=True,
    help="FOCUS: usage is invoiced, or drawn from a balance.",
)
@click.option(
    "--billing-account", metavar="ID", help="FOCUS: the account at the provider.  [default: the provider's name]"
)
@options.db_option
@options.engine_options
@options.reading_options
@options.view_options
@options.strict_option
@click.pass_context
def export(ctx: click.Context, /, **given: Any) -> None:
    """Write costs or requests to a file: CSV, Parquet, a workbook, or FOCUS."""
    shape = _shape(given)
    _check(ctx, shape, given)
    from analyzer.cli.analyze import strictly, tell_currency, tell_otherwise_closed
    from analyzer.cli.book import the_book
    from analyzer.cli.engine import subject
    from analyzer.cli.settings import Written
    from analyzer.cli.subject import manner, read_logs, view_of
    from analyzer.finance.allocation import read_allocation
    from analyzer.finance.export import unpriced
    from analyzer.simulate.counts import counts
    from analyzer.simulate.relations import keep_definitions

    written = ctx.find_root().obj or Written()
    allocation = read_allocation(written.tables, written.where)
    output = given["output"] or f"spend-export{'.focus.csv' if shape == 'focus' else f'.{shape}'}"
    apart({"--output": output}, given)
    book, view = the_book(given["own_prices"], given["currency"]), view_of(given)
    how = manner(given["format_name"], given["given"], given["words"])
    with subject(given) as (ledger, far):
        sound = read_logs(ledger, given["logs"], how, quiet=given["quiet"])
        if given["db"] is not None and given["logs"]:
            keep_definitions(ledger, book)
        exported = _defined(ledger, far, book, view, allocation, shape, given)
        found = counts(ledger)
        settled = shape == "focus" or given["what"] != "requests"
        without = unpriced(ledger) if settled else found.unpriced
        write = _writer(ledger.connection, exported, shape, output, given)
        if shape == "xlsx":
            from analyzer.report.notes import notes

            write = partial(write, notes=notes(ledger, book, view, found, of_table=far is not None, settled=settled))
        kept = _put(write, output, partition=given["partition"])
        if not given["quiet"] and not given["partition"]:
            tell_currency(ledger, book, given["currency"])
        if not given["quiet"] and settled:
            tell_otherwise_closed(ledger, view)
    if not given["quiet"]:
        _tell(exported, without, output, kept if view.since is None and view.until is None else [])
    if given["strict"] and not strictly(found.rejected, max(found.unpriced, without)):
        sound = False
    ctx.exit(0 if sound else 1)


def _shape(given: dict[str, Any]) -> str:
    asked = [shape for shape in SHAPES if given[f"as_{shape}"]]
    if len(asked) != 1:
        problem = f"--{' and --'.join(asked)} together" if asked else "no shape was named"
        raise UsageError(problem, "give one of --csv, --parquet, --xlsx, --focus")
    return asked[0]


def _check(ctx: click.Context, shape: str, given: dict[str, Any]) -> None:
    """Refuse what does not go together, before anything is read."""

    def said(name: str) -> bool:
        return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE

    for name in (*_DIALECT, "raw"):
        if said(name) and shape != "csv" and not (name == "raw" and shape == "focus"):
            raise UsageError(
                f"--{name} does not go with --{shape}", "it is for --csv" + (" and --focus" if name == "raw" else "")
            )
    for name in ("focus_version", "billing_model", "billing_account"):
        if said(name) and shape != "focus":
            raise UsageError(f"--{name.replace('_', '-')} does not go with --{shape}", "it is for --focus")
    if said("what") and shape == "focus":
        raise UsageError("--what does not go with --focus", "its rows are hours of a SKU's price; leave it out")
    if given["partition"] and (shape != "parquet" or given["what"] != "requests" or not given["output"]):
        raise UsageError("--partition needs more words", "write --parquet --what requests --partition --output FOLDER")
    if given["engine"] != "duckdb" and given["what"] == "requests":
        raise UsageError(
            "--what requests goes without --engine: there they are a table already, which may be of any size",
            "write --what costs or --what hours; single requests are read, or copied, where they are",
        )
    if given["output"] == "-" and shape not in {"csv", "focus"}:
        raise UsageError(f"--{shape} does not go to standard output", "name a file with --output")
    if given["decimal"] == "," and given["delimiter"] == ",":
        raise UsageError("the comma cannot be --decimal and --delimiter", "give --delimiter ';', or leave it out")


def _defined(ledger: Any, far: Any, book: Any, view: Any, allocation: Any, shape: str, given: dict[str, Any]) -> Any:
    """The rows that are asked for, as a statement."""
    from analyzer.finance.export import define_export, define_ledger_export
    from analyzer.finance.focus import Terms, define_focus

    if shape == "focus":
        terms = Terms(given["focus_version"], given["billing_model"], given["billing_account"])
        return define_focus(ledger, book, view, allocation, terms, far)
    if given["partition"]:
        return define_ledger_export(ledger, book, view)
    return define_export(ledger, book, view, allocation, given["what"], far)


def _writer(connection: Any, exported: Any, shape: str, output: str, given: dict[str, Any]) -> Callable[..., int]:
    """What writes the rows to a file."""
    from analyzer.report.dialect import DELIMITERS, Dialect, write_csv
    from analyzer.report.parquet import write_parquet, write_partitions
    from analyzer.report.sheet import write_sheet

    packed = Path(output).suffix
    if shape == "xlsx":
        return partial(write_sheet, connection, exported)
    if given["partition"]:
        return partial(write_partitions, connection, exported.sql)
    if shape == "parquet" or (shape == "focus" and packed == ".parquet"):
        return partial(write_parquet, connection, exported.sql)
    if shape == "focus":
        dialect = Dialect(raw=given["raw"], pointed=True)
    else:
        usual = ";" if given["decimal"] == "," else ","
        delimiter = DELIMITERS[given["delimiter"] or usual]
        dialect = Dialect(delimiter, given["decimal"], bom=given["bom"], raw=given["raw"])
    return partial(write_csv, connection, exported.sql, dialect=dialect, compression=COMPRESSIONS.get(packed, "none"))


def _put(write: Callable[[Path], int], output: str, *, partition: bool) -> list[str]:
    """Write to the place that was named, and say what is there; the months that an earlier export left beside it."""
    from analyzer.cli.output import STANDARD, to_standard_output
    from analyzer.counted import counted
    from analyzer.report.file import telling, write_whole
    from analyzer.report.parquet import months_in
    from analyzer.report.visible import visible

    if output == STANDARD:
        to_standard_output(write)
        return []
    path = Path(output)
    with telling(path, "export", "--output"):
        before = months_in(path).items() if partition else {}.items()
        rows = write(path) if partition else write_whole(path, write)
        kept = sorted(name for name, _ in before & months_in(path).items()) if partition else []
    click.echo(f"Export: {visible(output, 1000)} ({counted(rows, 'row')})")
    return kept


def _tell(exported: Any, without: int, output: str, kept: list[str]) -> None:
    """What to know of what was written: calls without a price, what came late, months that are not this ledger's."""
    from analyzer.counted import counted
    from analyzer.report.notes import late_notes

    if without:
        click.echo(
            f"spend: note: {counted(without, 'request has', 'requests have')} no known price: in no cost", err=True
        )
    for note in late_notes(exported.late):
        click.echo(f"spend: note: {note}", err=True)
    if kept:
        say(
            OutputError(
                f"{output} still has {', '.join(kept)}, of which this ledger has no request",
                "what reads the folder counts that, too: take it away, unless another ledger's export put it there",
            ),
            "spend: note",
        )
