"""What stays true of a ledger until something is read or forgotten: the definitions it keeps, and what is unknown."""

from collections.abc import Iterator
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable

from analyzer.engines.query import base
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.counts import Counts, Records, counted, ended, unknown
from analyzer.simulate.relations import keep_definitions

_CODE = (".py", ".sql", ".toml")


def stand(ledger: Ledger, book: Book) -> str:
    """Leave prices and views in the ledger, for work by hand.

    Nothing is done again that was done since the ledger last changed, with the same prices.

    Returns:
        a fingerprint of what was left.
    """
    definitions = _definitions(book)
    if not ledger.connection.execute("SELECT 1 FROM standing WHERE definitions = ?", [definitions]).fetchone():
        with ledger.frugal():  # which models and days there are: nothing of all the calls that pass by need be kept
            keep_definitions(ledger, book)
        with ledger.transaction():
            ledger.connection.execute("INSERT INTO standing (definitions) VALUES (?)", [definitions])
    return definitions


def standing(ledger: Ledger, book: Book, *, wholly: bool) -> Records:
    """How the ledger's records ended; ``wholly`` with what is not known of its calls, for which all are looked at."""
    if wholly:
        return counts_standing(ledger, book)
    stand(ledger, book)
    return ended(ledger)


def counts_standing(ledger: Ledger, book: Book) -> Counts:
    """How the ledger's records ended, and what is not known of its calls: counted once, until the ledger changes."""
    connection = ledger.connection
    definitions = stand(ledger, book)
    row = connection.execute("SELECT unmeasured, unpriced, cache_unknown, set_aside FROM standing").fetchall()[0]
    if None in row:
        row = unknown(ledger)
        with ledger.transaction():
            connection.execute("DELETE FROM standing")
            connection.execute("INSERT INTO standing VALUES (?, ?, ?, ?, ?)", [definitions, *row])
    return counted(ledger, row)


def _definitions(book: Book) -> str:
    """A fingerprint of all that the definitions are made from: prices, the code that lays them out, the relations."""
    import blake3

    packages = [version(name) for name in ("genai-prices", "holidays")]
    mark = blake3.blake3(repr((packages, book.own)).encode())
    for room in ("prices", "simulate"):
        for file in _files(resources.files(f"analyzer.{room}")):
            mark.update(file.read_bytes())
    for query in base().values():
        mark.update(query.sql.encode())
    return mark.hexdigest()


def _files(folder: Traversable) -> Iterator[Traversable]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.name.endswith(_CODE):
            yield item
