"""Requests that stand in a table of another engine: what queries read, defined there.

Prices are laid out here, for the models and the days that are called there, and travel as small tables. The ledger of
this process holds but an outline of the requests.
"""

import polars as pl

from analyzer.engines.engine import DuckDB, Setting
from analyzer.engines.query import Query, base
from analyzer.engines.source import read_requests, table
from analyzer.engines.spark import Spark
from analyzer.errors import EngineError
from analyzer.ingest.outcome import Manner
from analyzer.lake.logs import read_logs
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.outline import draw
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
from analyzer.simulate.relations import View, settings

_OF_A_LEDGER = {"sources", "rejected", "skipped"}
_TABLE = "requests_told"
# Views of requests, and those that change where prices turn out to change at instants or sizes not known before.
_VIEWS = ("calls", "lengths", "percentiles", "charges")
_STEPPED = ("stretches", "extras", "usage", "costs")
_SHARED = {"lengths", "percentiles"}  # few rows, each of which takes a look at all requests, by several questions


class Far:
    """The relations that queries read, on another engine; see :class:`analyzer.simulate.requests.Requests`.

    Attributes:
        spark: the engine.
        ledger: a throwaway ledger, with the outline of the requests, all prices and, once gathered, the sums.
        duplicates: how many records of the table tell of a call that another one tells of; each call is there once.
        logs: what became of those that are read as they were written.
    """

    # No engine's hash is another's; a text is.
    flow = "concat_ws(':', stretch, summed_route)"
    flow_kind = "VARCHAR"
    key = "request_id"

    def __init__(self, spark: Spark, ledger: Ledger, *places: str, manner: Manner | None = None) -> None:
        self.spark = spark
        self.ledger = ledger
        self._here = DuckDB(ledger.connection)
        self._brought: set[str] = set()
        self._place = ", ".join(places)
        frames = [table(spark, place) for place in places]
        self.logs = [
            read_logs(spark, place, manner or Manner())
            for place, frame in zip(places, frames, strict=True)
            if frame is None
        ]
        frames = [frame for frame in frames if frame is not None] + [one.frame for one in self.logs]
        self.duplicates = read_requests(spark, frames, _TABLE)
        self._told_apart = False
        draw(spark, ledger, _TABLE, self._place)

    def define(self, book: Book, view: View, *, shared: bool = False) -> None:
        """Define there what queries read, as :func:`analyzer.simulate.relations.prepare` does here.

        Args:
            book: the prices.
            view: how the requests are looked at.
            shared: many questions follow: let the cluster keep what most of them read.
        """
        self.set(**settings(view), salt=0)
        self._brought = set()
        self._told_apart = False
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
        define_summarised(connection)
        for name in ("prices", "export_instants", "summarised"):
            self.send(name)
        self.spark.release()
        for name in _VIEWS:
            define = self.spark.keep if shared and name in _SHARED else self.spark.view
            define(name, base()[name].sql, f"queries/base/{name}.sql")
        self.step()
        self.spark.view("unpriced_models", base()["unpriced_models"].sql, "queries/base/unpriced_models.sql")

    def prepare(self, book: Book, view: View) -> None:
        """Define it there, and bring the sums here."""
        self.define(book, view, shared=True)
        for name in ("usage", "extras"):
            self.sum(name, base()[name].sql, f"queries/base/{name}.sql")
        for name in ("costs", "unpriced_models"):
            self._here.define(name, self._here.ask(base()[name].sql, f"queries/base/{name}.sql"))
        self.send("unpriced_models")
        self._count()
        self._brought = {"usage", "extras", "costs", "prices", "sources"}

    def gather(self, *, users: bool) -> None:
        """Bring stretches here, summed as finely as bills and budgets ask, and sum them further here."""
        connection = self.ledger.connection
        user = "user_name" if users else "CAST(NULL AS VARCHAR)"
        for name in ("gathered", "gathered_kinds"):
            self.sum(name, sql(name).replace("{user}", user), f"analyzer/simulate/{name}.sql")
        connection.execute(sql("gathered_stretches"))
        for name in ("usage", "extras", "costs"):
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {base()[name].sql}")

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
        for name in _STEPPED:
            self.spark.view(name, base()[name].sql, f"queries/base/{name}.sql")

    def sum(self, table: str, text: str, origin: str) -> None:
        """Work sums out there, and bring them here."""
        self._here.define(table, self.spark.ask(text, origin))

    def add(self, table: str, text: str, origin: str) -> None:
        """Work sums out there, and add them to a table here."""
        self._here.define("fetched", self.spark.ask(text, origin))
        self.ledger.connection.execute(f"INSERT INTO {table} FROM fetched")

    def keep(self, name: str, text: str, origin: str, *, made: bool = False) -> None:
        """Let requests be known by a name there.

        Raises:
            EngineError: it is about prefix blocks, and nothing tells the requests that have them apart.
        """
        if name == "block_hits":
            self._tell_apart()
        (self.spark.keep if made else self.spark.view)(name, text, origin)

    def turn(self, table: str, route: str, *, anew: bool) -> None:  # noqa: ARG002
        """Let ``turns`` be known there: a view, as ``placed`` tells all of it."""
        self.spark.view("turns", sql("far_turns"), "analyzer/simulate/far_turns.sql")

    def send(self, name: str) -> None:
        """Let a small table from here be known there."""
        self.spark.define(name, self._here.ask(f"FROM {name}", name))

    def ask(self, text: str, origin: str) -> pl.DataFrame:
        """The answer of a statement, worked out there."""
        return pl.DataFrame(self.spark.ask(text, origin))

    def _count(self) -> None:
        """Let the table be the ledger's one source: all that it knows of records are those that became requests."""
        (records,) = self.ask(sql("recorded"), "analyzer/simulate/recorded.sql").row(0)
        connection = self.ledger.connection
        connection.execute("DELETE FROM sources")
        duplicates = self.duplicates + sum(one.duplicates for one in self.logs)
        skipped, rejected = sum(one.skipped for one in self.logs), sum(one.rejected for one in self.logs)
        ends = [records, duplicates, skipped, rejected]
        connection.execute(sql("far_source"), [self._place, sum(ends), *ends])

    def _tell_apart(self) -> None:
        """See to it that requests with prefix blocks have each a name of its own: they have no numbers there."""
        if self._told_apart:
            return
        named, requests = self.ask(sql("told_apart"), "analyzer/simulate/told_apart.sql").row(0)
        if named != requests:
            raise EngineError(
                f"--table requests={self._place}: of {requests:,} requests with prefix blocks"
                f" only {named:,} have a request_id of their own",
                "let a view on the cluster name each, or leave prefix_blocks out, and name that",
            )
        self._told_apart = True
