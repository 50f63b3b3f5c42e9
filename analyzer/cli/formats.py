"""``spend formats``: the log formats known, or which one a log is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from analyzer.cli import options, say
from analyzer.errors import SpendError

if TYPE_CHECKING:  # read where formats are asked for, and not for each --help
    from collections.abc import Iterable

    from analyzer.ingest.content import Content
    from analyzer.ingest.format import Format


@click.command(short_help="The log formats known; which one each LOG is, and why.")
@options.logs_argument
@click.option("--markdown", is_flag=True, help="The list as a table for a document.")
@click.pass_context
def formats(ctx: click.Context, logs: tuple[str, ...], *, markdown: bool) -> None:
    """List the log formats known; with LOGs say which format each one is, and why."""
    from analyzer.ingest import format as known
    from analyzer.ingest.content import contents
    from analyzer.ingest.discovery import find

    if markdown and logs:
        raise click.UsageError("--markdown is for the list of all formats, and goes without LOGs", ctx)
    if not logs:
        _list(known.formats().values(), markdown=markdown)
        return
    found, missing = find(logs)
    errors: list[SpendError] = list(missing)
    with tempfile.TemporaryDirectory(prefix="spend-") as folder:
        for number, item in enumerate(found):
            try:
                streams = contents(item.path, named=item.named)
            except SpendError as error:
                errors.append(error)
                continue
            for part, content in enumerate(streams):  # one that cannot be read stops no other
                try:
                    _tell(content, Path(folder) / f"{number}-{part}.log")
                except SpendError as error:
                    errors.append(error)
    for problem in errors:
        say(problem)
    ctx.exit(1 if errors else 0)


def _tell(content: Content, spool: Path) -> None:
    """Which format a log is of, and why.

    Raises:
        SourceError: it cannot be read, or is of none.
    """
    from analyzer.ingest.batch import chosen
    from analyzer.ingest.known import Known
    from analyzer.ingest.opening import open_source
    from analyzer.ingest.source import Nothing
    from analyzer.report.visible import visible

    source = open_source(content, spool, Known())
    if isinstance(source, Nothing):
        click.echo(f"{visible(source.path, 500)}: {source.reason}")
        return
    source, choice = chosen(source)
    click.echo(f"{visible(source.path, 500)}: {choice.format.name} ({choice.format.title})")
    evidence = "; ".join(str(one.met(source.sample)) for one in choice.format.evidence)
    click.echo(f"  {_fitting(choice.fitting, choice.of)}: {evidence}")
    if source.under:
        click.echo(f"  its records stand in a list, under {visible('.'.join(source.under), 40)}")
    if source.layout == "prefixed":
        click.echo("  its JSON stands behind other text")
    elif source.within:
        click.echo(f"  each call stands within a record, under {visible('.'.join(source.within), 80)}")
    if choice.others:
        click.echo(f"  would fit, less specific: {', '.join(form.name for form in choice.others)}")


def _list(forms: Iterable[Format], *, markdown: bool) -> None:
    """All formats, for a terminal or as a table for a document."""
    from analyzer.report.listing import WIDTH

    if markdown:
        click.echo("| format | what | as | needs |\n| --- | --- | --- | --- |")
    for form in forms:
        if markdown:
            what = form.title.replace("|", "/")
            linked = f"[{what}]({form.source.split()[0]})" if form.source.startswith("https://") else what
            click.echo(f"| `{form.name}` | {linked} | {', '.join(form.containers)} | {form.needs} |")
        else:
            line = f"{form.name:<26}{'/'.join(form.containers):<10}{form.title}"
            click.echo(fill(line, WIDTH, subsequent_indent=" " * 36, break_on_hyphens=False))


def _fitting(fitting: int, of: int) -> str:
    """How many of the first records are as a format says."""
    if of == 1:
        return "its first record shows"
    which = "all" if fitting == of else f"{fitting:,}"
    return f"{which} of its first {of:,} records {'shows' if fitting == 1 else 'show'}"
