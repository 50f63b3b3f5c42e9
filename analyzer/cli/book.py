"""The price book that a command uses: the shipped one, with own prices over it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click


def the_book(files: Iterable[str] = (), currency: str = "USD") -> Any:
    """Load the book, with the own prices of ``spend.toml``, then those of the files that ``--prices`` names.

    Args:
        files: what ``--prices`` names; later ones win.
        currency: the list that is asked for.

    Raises:
        UsageError: a file cannot be read, own prices are no TOML or break a rule, or there is no list in that currency.
    """
    from analyzer.cli.settings import Written, place, placed
    from analyzer.errors import UsageError
    from analyzer.prices import Book
    from analyzer.prices.own import rates, read_file

    written = click.get_current_context().find_root().obj or Written()
    own = rates(written.tables.get("prices", {}), written.where)
    with placed("--prices"):
        own += [rate for file in files for rate in read_file(Path(file))]
    lists = {"USD", "CNY", *(rate.currency for rate in own)}
    if currency not in lists:
        meant = f"did you mean {currency.upper()}? " if currency.upper() in lists else ""
        raise UsageError(
            f"{place('--currency')} {currency}: no prices are known in it",
            f"{meant}known: {', '.join(sorted(lists))}; own prices may be in any: give them with --prices",
        )
    return Book.load(own)
