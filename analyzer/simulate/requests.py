"""Who has the requests: the ledger of this process, or a table of another engine. Sums of them always come here."""

from typing import Protocol

import duckdb
import polars as pl

from analyzer.engines.engine import Setting
from analyzer.engines.query import Query, base, frame
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.pricing import sql
from analyzer.simulate.relations import View, gather_lengths, prepare


class Requests(Protocol):
    """Who has the requests. Statements are in the portable subset of SQL; their origins are files, for messages.

    Attributes:
        ledger: where sums and prices are, and everything that works on them.
        flow: what tells flows apart, over `stretch` and `summed_route`; the same wherever it is worked out.
        flow_kind: its type here.
        key: the column that tells requests apart.
    """

    ledger: Ledger
    flow: str
    flow_kind: str
    key: str

    def define(self, book: Book, view: View) -> None:
        """Define what queries read, where the requests are."""

    def prepare(self, book: Book, view: View) -> None:
        """The same, and bring the sums here."""

    def gather(self, *, users: bool) -> None:
        """After ``define``: let there be the relation ``stretches`` here, and sums of it.

        Args:
            users: whether end users are told apart; where they need not be, ``user_name`` may be NULL.
        """

    def answer(self, query: Query) -> pl.DataFrame:
        """The answer of a query."""

    def set(self, **settings: Setting) -> None:
        """Say what ``getvariable`` gives from now on, here and where the requests are."""

    def step(self) -> None:
        """Prices were laid out that change at instants or sizes not known before: stretches are finer now."""

    def sum(self, table: str, text: str, origin: str) -> None:
        """Let sums of requests be a table here."""

    def add(self, table: str, text: str, origin: str) -> None:
        """Add sums of requests to a table here."""

    def keep(self, name: str, text: str, origin: str, *, made: bool = False) -> None:
        """Let requests be known by a name where they are; ``made`` if it pays to work them out once."""

    def turn(self, table: str, route: str, *, anew: bool) -> None:
        """After ``going`` and ``placed``: let there be ``turns``, the requests of sessions, where they are.

        Args:
            table: the sums whose flows they belong to.
            route: the expression by which those were summed.
            anew: no scenario has asked for those of these sums yet.
        """

    def send(self, name: str) -> None:
        """Let a small table from here be known where the requests are."""

    def ask(self, text: str, origin: str) -> pl.DataFrame:
        """The answer of a statement over requests."""


class Here:
    """The ledger has them; see :class:`Requests`."""

    flow = "hash(stretch, summed_route)"
    flow_kind = "UBIGINT"
    key = "row_id"

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._connection: duckdb.DuckDBPyConnection = ledger.connection

    def define(self, book: Book, view: View) -> None:
        """See :class:`Requests`."""
        prepare(self.ledger, book, view)

    def prepare(self, book: Book, view: View) -> None:
        """See :class:`Requests`."""
        self.define(book, view)
        gather_lengths(self._connection)

    def gather(self, *, users: bool) -> None:
        """See :class:`Requests`. All of it is defined here already."""

    def answer(self, query: Query) -> pl.DataFrame:
        """See :class:`Requests`."""
        return query.frame(self._connection)

    def set(self, **settings: Setting) -> None:
        """See :class:`Requests`."""
        for name, value in settings.items():
            self._connection.execute(f"SET VARIABLE {name} = ?", [value])

    def step(self) -> None:
        """See :class:`Requests`. Stretches are a view, which sees it by itself."""

    def sum(self, table: str, text: str, origin: str) -> None:  # noqa: ARG002
        """See :class:`Requests`."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {text}")

    def add(self, table: str, text: str, origin: str) -> None:  # noqa: ARG002
        """See :class:`Requests`."""
        self._connection.execute(f"INSERT INTO {table} {text}")

    def keep(self, name: str, text: str, origin: str, *, made: bool = False) -> None:  # noqa: ARG002
        """See :class:`Requests`."""
        self._connection.execute(f"CREATE OR REPLACE TEMP {'TABLE' if made else 'VIEW'} {name} AS {text}")

    def turn(self, table: str, route: str, *, anew: bool) -> None:
        """See :class:`Requests`. Requests are read once for all scenarios that share the sums."""
        if anew:
            turned = sql("turned").replace("{table}", table).replace("{route}", route).replace("{flow}", self.flow)
            self._connection.execute(turned)
        for text in (sql("flow_places"), sql("turns").replace("{table}", table)):
            self._connection.execute(text)

    def send(self, name: str) -> None:
        """See :class:`Requests`. It is here already."""

    def ask(self, text: str, origin: str) -> pl.DataFrame:  # noqa: ARG002
        """See :class:`Requests`."""
        return frame(self._connection, text)


def sum_usage(requests: Requests) -> None:
    """Sum usage, as finely as prices are laid out."""
    requests.sum("usage", base()["usage"].sql, "queries/base/usage.sql")
