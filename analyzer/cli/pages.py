"""Pages of an API's answers after which there is more: what they tell of is a part of the time that was asked for."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

import click

from analyzer.cli import say
from analyzer.counted import counted
from analyzer.errors import SourceError
from analyzer.finance.page import FORMATS, Unfinished, followed, unfinished
from analyzer.ingest.content import contents
from analyzer.ingest.discovery import Found, spelled
from analyzer.ingest.outcome import Loaded
from analyzer.ledger import Ledger

_FEW = 3  # warnings of the same kind


def tell_read(ledger: Ledger, found: Sequence[Found], loaded: Iterable[Loaded]) -> None:
    """Tell of pages among the logs that were just read whose following ones are neither there nor in the ledger."""
    read = {log.path for log in loaded if log.format in FORMATS}
    given = [one.path for one in found if any(path.startswith(spelled(one.path)) for path in read)]  # or they lie in it
    with suppress(SourceError):  # it went away after it was read
        pages = [page for page in unfinished(lasting(given)) if page.path in read]
        tell([page for page in pages if not followed(ledger.connection, page)], "fetch what follows them, too")


def lasting(paths: Sequence[str]) -> list[str]:
    """Those that can be read once more."""
    return [path for path in paths if not any(content.flowing for content in contents(path))]


def tell(pages: Sequence[Unfinished], more: str) -> None:
    """Say which pages they are; ``more`` is the remedy where there are many."""
    for page in pages[:_FEW]:
        beyond = f" What follows {page.after:%Y-%m-%d %H:%M} UTC is not given." if page.after else ""
        what = f"{page.path}: not the last page of its report (has_more).{beyond}"
        say(
            SourceError(what, "fetch the pages that follow (page=..., its next_page), and give all of them"),
            "spend: warning",
        )
    if (rest := len(pages) - _FEW) > 0:
        click.echo(f"spend: warning: so are {counted(rest, 'page')} more\n  {more}", err=True)
