"""The outline of requests that another engine has: which models were called on which days, and the rows of exports.

Of all that stands there this alone comes into the ledger of this process: prices are laid out for what was called, and
of exports, of which there are few, each row finds its own price.
"""

from datetime import datetime

from analyzer.engines.engine import DuckDB
from analyzer.engines.source import COLUMNS
from analyzer.engines.spark import Spark
from analyzer.errors import EngineError
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store, virtual
from analyzer.simulate.pricing import sql


def draw(spark: Spark, ledger: Ledger, table: str, place: str) -> None:
    """Fill the ledger's requests with what prices hang on, and define them there with the numbers of its rows.

    Args:
        spark: the engine.
        ledger: a throwaway ledger.
        table: what the requests are known by there.
        place: where they were read from, for messages.

    Raises:
        EngineError: some lack what every request has.
    """
    here = DuckDB(ledger.connection)
    store(ledger.connection, virtual(ledger.connection))
    names = ", ".join(COLUMNS)

    def insert(text: str, origin: str) -> None:
        here.define("fetched", spark.ask(text, origin))
        _insert(ledger, place)

    single = f"SELECT CAST(NULL AS BIGINT) AS rowid, {names} FROM {table} WHERE bucket_end IS NULL"
    insert(f"SELECT {names} FROM {table} WHERE bucket_end IS NOT NULL", "requests")
    spark.define("exported", here.ask(f"SELECT rowid, {names} FROM requests", "requests"))
    spark.view("requests", f"{single} UNION ALL SELECT rowid, {names} FROM exported", "requests")
    insert(sql("called"), "analyzer/simulate/called.sql")
    begin, end = _exports(ledger)
    if begin is not None:
        spark.set(exports_begin=begin, exports_end=end)
        insert(sql("called_minutes"), "analyzer/simulate/called_minutes.sql")


def _exports(ledger: Ledger) -> tuple[datetime | None, datetime | None]:
    """From when to when the buckets of exports are."""
    found: tuple[datetime | None, datetime | None] = ledger.connection.execute(
        "SELECT min(started_at), max(bucket_end) FROM requests WHERE bucket_end IS NOT NULL"
    ).fetchall()[0]
    return found


def _insert(ledger: Ledger, place: str) -> None:
    """Let what was fetched be requests of the ledger; what its rows do not say is as in any other."""
    connection = ledger.connection
    nothing = connection.execute("SELECT count(*) FROM fetched WHERE started_at IS NULL OR model IS NULL").fetchall()
    if nothing != [(0,)]:
        raise EngineError(
            f"--table requests={place}: some of its rows have no started_at or no model",
            "let a view on the cluster leave them out, and name that",
        )
    told = {name for (name,) in connection.execute("SELECT column_name FROM (DESCRIBE fetched)").fetchall()}
    usual = {"source_id": "1", "records": "0", "calls": "0"}
    values = {name: f"coalesce({name}, {usual[name]})" if name in usual else name for name in told}
    values |= {name: value for name, value in usual.items() if name not in told}
    connection.execute(f"INSERT INTO requests ({', '.join(values)}) SELECT {', '.join(values.values())} FROM fetched")
    connection.execute("DROP TABLE fetched")
