"""Spark, through Spark Connect: a cluster of one's own, Databricks, or anything else that speaks its protocol."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import pyarrow as pa
from pyarrow import compute
from sqlglot.expressions import Expr

from analyzer.engines.engine import Setting
from analyzer.engines.server import Server
from analyzer.engines.subset import Subset
from analyzer.engines.translation import to_spark
from analyzer.errors import EngineError

_OLDEST = (4, 0)
# With a server that does not answer any more: about a minute. The client's own patience is ten.
_PATIENCE = {"max_retries": 8, "max_backoff": 15_000}
# Everything that a server may have set otherwise, and that would give other digits.
_SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # what does not fit is an error, no NULL and no other number
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",  # decimals keep their places
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.caseSensitive": "false",
}


@dataclass
class Spark:
    """A session on a server; see :class:`analyzer.engines.engine.Engine`.

    Attributes:
        session: the client's session.
        where: host and port, for messages. A token is in no message.
        settings: what ``getvariable`` gives.
    """

    session: Any
    where: str
    settings: dict[str, Setting] = field(default_factory=dict)
    _kept: dict[str, Any] = field(default_factory=dict)
    _laid: list[Any] = field(default_factory=list)
    _settled: int = 0

    @classmethod
    @contextlib.contextmanager
    def connect(cls, address: str) -> Iterator[Self]:
        """A session on the server at ``sc://host:port[/;token=...;use_ssl=true]``; it ends with the context.

        Raises:
            EngineError: the address is none, nothing answers there, the token is refused, or the server is too old.
        """
        server = Server.at(address)
        engine = cls(server.session(), server.where)
        try:
            engine._begin()
            yield engine
        finally:
            with contextlib.suppress(Exception):
                engine.release()
            with contextlib.suppress(Exception):
                for frame in engine._laid:
                    frame.unpersist()
            with contextlib.suppress(Exception):
                engine.session.stop()

    def _begin(self) -> None:
        """Ask the server who it is, without the patience that a running query needs, and set what digits hang on."""
        self._wait(max_retries=2)
        with self.faults():
            version = str(self.session.version)
        self._wait(**_PATIENCE)
        found = re.match(r"(\d+)\.(\d+)", version)
        if found is None or (int(found[1]), int(found[2])) < _OLDEST:
            raise EngineError(
                f"{self.where}: its Spark is of version {version}, too old for this program",
                f"name a cluster of version {_OLDEST[0]}.{_OLDEST[1]} or newer with --engine",
            )
        with self.faults():
            for name, value in _SETTINGS.items():
                self.session.conf.set(name, value)

    def _wait(self, **patience: int) -> None:
        """Say how often, and how long, the client tries again with a server that does not answer."""
        client = self.session.client
        client.set_retry_policies([type(client.get_retry_policies()[0])(**patience)])

    def set(self, **settings: Setting) -> None:
        """Say what ``getvariable`` gives from now on."""
        self.settings |= settings

    def define(self, name: str, table: pa.Table) -> None:
        """Send a small table there."""
        from pyspark.sql.pandas.types import from_arrow_schema

        told = _instants_told(table)
        with self.faults():
            frame = self.session.createDataFrame(told, None if len(told) else from_arrow_schema(told.schema))
            frame.createOrReplaceTempView(name)

    def view(self, name: str, sql: str | Expr, origin: str, subset: Subset | None = None) -> None:
        """Let a query be known by a name there; ``subset`` is what may stand in it, that of queries unless told."""
        text = to_spark(sql, origin, self.settings, plain=True, subset=subset)
        with self.faults():
            self.session.sql(text).createOrReplaceTempView(name)

    def keep(self, name: str, sql: str, origin: str) -> None:
        """The same; its rows are kept by the cluster once they were worked out, in memory and on disk, until released.

        What an executor kept that is lost is worked out again. A server that keeps nothing works it out each time.
        """
        # No CTE here and in what is read: within a statement that has its own Spark would not find again what was kept.
        text = to_spark(sql, origin, self.settings, plain=True)
        with self.faults():
            frame = self.session.sql(text).persist()
            self.release(name)
            frame.createOrReplaceTempView(name)
        self._kept[name] = frame

    def lay(self, frame: Any, name: str) -> None:
        """Let a frame be known by a name there, its rows kept by the cluster until the session ends."""
        with self.faults():
            self._laid.append(frame.persist())
            frame.createOrReplaceTempView(name)

    def settled(self, frame: Any) -> Any:
        """The same rows, with what it reads as it is now: a client's frame is a text, resolved when it is asked."""
        name = f"settled_{self._settled}"
        self._settled += 1
        with self.faults():
            frame.createOrReplaceTempView(name)
        return self.session.table(name)

    def run(self, text: str) -> list[dict[str, Any]]:
        """The rows of a statement in Spark's own SQL."""
        with self.faults():
            rows: list[dict[str, Any]] = self.session.sql(text).toArrow().to_pylist()
        return rows

    def release(self, *names: str) -> None:
        """Let the cluster keep the rows of these no longer; of all where none is named.

        They are the application's, not the session's: whoever else asks the cluster would lack the room.
        """
        for name in names or list(self._kept):
            frame = self._kept.pop(name, None)
            if frame is not None:
                frame.unpersist()

    def ask(self, sql: str, origin: str) -> pa.Table:
        """Run a query there, and fetch its answer."""
        text = to_spark(sql, origin, self.settings)
        with self.faults():
            return _plain(self.session.sql(text).toArrow())

    @contextlib.contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what the client raises into one message."""
        from pyspark.errors import PySparkException

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except PySparkException as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> EngineError:
        status = getattr(getattr(error, "_grpc_status_code", None), "name", "")
        text = str(error)
        told = re.search(r'details = "(.*?)"\n', text)  # of a fault of the connection, not of Spark
        lines = (told[1] if told else text).splitlines()
        said = next((line.strip() for line in lines if line.strip()), type(error).__name__)[:300]
        if status in {"UNAUTHENTICATED", "PERMISSION_DENIED"} or "UNAUTHENTICATED" in text[:300]:
            return EngineError(
                f"{self.where}: the server refused the token",
                "give a valid one: --engine 'sc://host:port/;token=...;use_ssl=true'",
            )
        if status == "UNIMPLEMENTED" and "Spark" not in text:
            return EngineError(
                f"{self.where}: no Spark Connect server answers there", "name its port, which is 15002 by default"
            )
        if status == "UNAVAILABLE" or "StatusCode.UNAVAILABLE" in text:
            self._wait(max_retries=0)  # nor will it take leave
            return EngineError(
                f"{self.where}: the server does not answer as a Spark Connect server, or went away",
                "see that it runs, that the port is its own, and whether it wants ;use_ssl=true; then run again: "
                "nothing was written",
            )
        return EngineError(f"{self.where}: the query failed there: {said}", "see the server's log; nothing was written")


def _instants_told(table: pa.Table) -> pa.Table:
    """Naive instants as the UTC that they are: without a zone Spark takes them for another type."""
    for place, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            table = table.set_column(place, column.name, table[column.name].cast(pa.timestamp("us", "UTC")))
    return table


def _plain(table: pa.Table) -> pa.Table:
    """Instants without a zone, as the ledger has them."""
    for place, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type) and column.type.tz is not None:
            naive = compute.local_timestamp(table[column.name].cast(pa.timestamp("us", "UTC")))
            table = table.set_column(place, column.name, naive)
    return table
