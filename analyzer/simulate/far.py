"""Requests that stand in a table of another engine: what queries read, defined there.

Prices are laid out here, for the models and the days that are called there, and travel as small tables. The ledger of
this process holds but an outline of the requests, which tells what was called when, and the rows of exports, of which
there are few.
"""

from datetime import datetime

import polars as pl

from analyzer.engines.engine import DuckDB, Setting
from analyzer.engines.query import Query, base
from analyzer.engines.source import COLUMNS, read_requests
from analyzer.engines.spark import Spark
from analyzer.errors import EngineError
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store, virtual
from analyzer.prices import Book
from analyzer.simulate.pricing import (
    add_steps,
    begin_steps,
    define_days,
    define_export_instants,
    define_prices,
    define_served,
    define_summarised,
    sold,
    sql,
)
from analyzer.simulate.relations import VIEWS, View, settings

_OF_A_LEDGER = {"sources", "rejected"}
_TABLE = "requests_told"


class Far:
    """The relations that queries read, on another engine; see :class:`analyzer.simulate.requests.Requests`.

    Attributes:
        spark: the engine.
        ledger: a throwaway ledger, with the outline of the requests, all prices and, once gathered, the sums.
        duplicates: how many records of the table tell of a call that another one tells of; each call is there once.
    """

    # No engine's hash is another's; a text is.
    flow = "concat_ws(':', stretch, route)"
    flow_kind = "VARCHAR"
    session = "session_id"

    def __init__(self, spark: Spark, ledger: Ledger, *places: str) -> None:
        self.spark = spark
        self.ledger = ledger
        self._here = DuckDB(ledger.connection)
        self._brought: set[str] = set()
        self._place = ", ".join(places)
        self.duplicates = read_requests(spark, places, _TABLE)
        self._outline()

    def define(self, book: Book, view: View) -> None:
        """Define there what queries read, as :func:`analyzer.simulate.relations.prepare` does here."""
        self.set(**settings(view), salt=0)
        connection = self.ledger.connection
        define_days(connection)
        begin_steps(connection)
        define_prices(
            connection,
            "prices",
            book,
            sold(connection),
            side="logged",
            currency=view.currency,
            price_date=view.price_date,
        )
        define_served(connection, "served")
        add_steps(connection)
        define_export_instants(connection, book)
        define_summarised(connection, "prices")
        for name in ("prices", "export_instants", "summarised"):
            self.send(name)
        self.step()

    def prepare(self, book: Book, view: View) -> None:
        """Define it there, and bring the sums here."""
        self.define(book, view)
        for name in ("usage", "extras"):
            self.sum(name, base()[name].sql, f"queries/base/{name}.sql")
        self._here.define("costs", self._here.ask(base()["costs"].sql, "queries/base/costs.sql"))
        self._count()
        self._brought = {"usage", "extras", "costs", "prices", "sources"}

    def answer(self, query: Query) -> pl.DataFrame:
        """The answer of a query: of one that asks for what was brought here, from here; else from there as a whole.

        Raises:
            EngineError: it asks for what only a ledger has.
        """
        if self._brought >= set(query.reads):
            return query.frame(self.ledger.connection)
        lacking = sorted(_OF_A_LEDGER & set(query.reads))
        if lacking:
            raise EngineError(
                f"query {query.name}: reads {', '.join(lacking)}, which a table of requests does not tell",
                "ask the ledger that the table came from, with --db",
            )
        return self.ask(query.sql, f"queries/{query.name}.sql")

    def fetched(self, query: Query) -> str:
        """The same as a statement on the ledger's connection, with the types that the query's head says."""
        self._here.define("answer", self.answer(query).to_arrow())
        return "FROM answer"

    def set(self, **settings: Setting) -> None:
        """Say what ``getvariable`` gives from now on, on both sides."""
        self.spark.set(**settings)
        self._here.set(**settings)

    def step(self) -> None:
        """Let the views there know where prices change now: each was fixed as it was made."""
        for name in ("odd_hours", "price_sizes"):
            self.send(name)
        for name in (*VIEWS, "usage", "costs"):
            self.spark.view(name, base()[name].sql, f"queries/base/{name}.sql")

    def sum(self, table: str, text: str, origin: str) -> None:
        """Work sums out there, and bring them here."""
        self._here.define(table, self.spark.ask(text, origin))

    def add(self, table: str, text: str, origin: str) -> None:
        """Work sums out there, and add them to a table here."""
        self._here.define("fetched", self.spark.ask(text, origin))
        self.ledger.connection.execute(f"INSERT INTO {table} FROM fetched")

    def keep(self, name: str, text: str, origin: str, *, made: bool = False) -> None:  # noqa: ARG002
        """Let requests be known by a name there; what they are is worked out where it is asked for.

        Raises:
            EngineError: it is about prefix blocks.
        """
        if name == "block_hits":
            raise EngineError(
                f"--table requests={self._place}: has prefix blocks, whose cache is modelled in a ledger alone",
                "name a view that leaves prefix_blocks out, or read the logs into a ledger",
            )
        self.spark.view(name, text, origin)

    def send(self, name: str) -> None:
        """Let a small table from here be known there."""
        self.spark.define(name, self._here.ask(f"FROM {name}", name))

    def ask(self, text: str, origin: str) -> pl.DataFrame:
        """The answer of a statement, worked out there."""
        return pl.DataFrame(self.spark.ask(text, origin))

    def _outline(self) -> None:
        """Fill the ledger's requests with what prices hang on, and define them there with the numbers of its rows."""
        connection = self.ledger.connection
        store(connection, virtual(connection))
        names = ", ".join(COLUMNS)
        single = f"SELECT CAST(NULL AS BIGINT) AS rowid, {names} FROM {_TABLE} WHERE bucket_end IS NULL"
        self._insert(f"SELECT {names} FROM {_TABLE} WHERE bucket_end IS NOT NULL", "requests")
        self.spark.define("exported", self._here.ask(f"SELECT rowid, {names} FROM requests", "requests"))
        self.spark.view("requests", f"{single} UNION ALL SELECT rowid, {names} FROM exported", "requests")
        self._insert(sql("called"), "analyzer/simulate/called.sql")
        begin, end = self._exports()
        if begin is not None:
            self.spark.set(exports_begin=begin, exports_end=end)
            self._insert(sql("called_minutes"), "analyzer/simulate/called_minutes.sql")

    def _count(self) -> None:
        """Let the table be the ledger's one source: all that it knows of records are those that became requests."""
        (records,) = self.ask(sql("recorded"), "analyzer/simulate/recorded.sql").row(0)
        connection = self.ledger.connection
        connection.execute("DELETE FROM sources")
        connection.execute(sql("far_source"), [self._place, records + self.duplicates, records, self.duplicates])

    def _exports(self) -> tuple[datetime | None, datetime | None]:
        found: tuple[datetime | None, datetime | None] = self.ledger.connection.execute(
            "SELECT min(started_at), max(bucket_end) FROM requests WHERE bucket_end IS NOT NULL"
        ).fetchall()[0]
        return found

    def _insert(self, text: str, origin: str) -> None:
        """Fetch rows of requests into the ledger's; what they do not say is as in any other."""
        self._here.define("fetched", self.spark.ask(text, origin))
        connection = self.ledger.connection
        told = {name for (name,) in connection.execute("SELECT column_name FROM (DESCRIBE fetched)").fetchall()}
        usual = {"source_id": "1", "records": "0", "calls": "0"}
        values = {name: f"coalesce({name}, {usual[name]})" if name in usual else name for name in told}
        values |= {name: value for name, value in usual.items() if name not in told}
        connection.execute(
            f"INSERT INTO requests ({', '.join(values)}) SELECT {', '.join(values.values())} FROM fetched"
        )
        connection.execute("DROP TABLE fetched")
