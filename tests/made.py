"""A ledger of made requests, of every kind that tells questions apart; see ``made.sql``."""

from pathlib import Path

from analyzer.ledger import Ledger
from analyzer.ledger.columns import store, virtual
from analyzer.report.file import copy


def make(ledger: Ledger, count: int) -> None:
    """Fill an empty ledger."""
    store(ledger.connection, virtual(ledger.connection))
    text = Path(__file__).with_name("made.sql").read_text(encoding="utf-8")
    ledger.connection.execute(text.replace("{count}", str(count)))


def lay_down(ledger: Ledger, folder: Path) -> Path:
    """A ledger's requests as a table, in a folder a month, as an export does."""
    month = "SELECT strftime(started_at, '%Y-%m') AS month, * FROM requests"
    copy(ledger.connection, month, folder, "FORMAT parquet, PARTITION_BY month")
    return folder
