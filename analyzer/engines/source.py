"""A table of requests on another engine: finding it, and reading it as the ledger's columns, each call once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from typing import Any

from analyzer.engines.spark import Spark
from analyzer.errors import EngineError

# The ledger's columns, as Spark's types. Those that many logs fill must be there: a name that is not understood would
# else pass for usage that nobody knows. The seldom ones read as empty where they are not.
_NEEDED = {
    "request_id": "STRING", "started_at": "TIMESTAMP", "completed_at": "TIMESTAMP", "endpoint": "STRING",
    "model": "STRING", "provider": "STRING", "service_tier": "STRING", "session_id": "STRING", "input_tokens": "BIGINT",
    "cache_read_tokens": "BIGINT", "output_tokens": "BIGINT", "reasoning_tokens": "BIGINT",
}  # fmt: skip
_SELDOM = {
    "source_id": "BIGINT", "record": "BIGINT", "records": "BIGINT", "calls": "BIGINT", "bucket_end": "TIMESTAMP",
    "operation": "STRING", "api_key_name": "STRING", "team": "STRING", "user_name": "STRING", "status": "STRING",
    "cache_write_tokens": "BIGINT", "cache_write_1h_tokens": "BIGINT", "tool_calls": "BIGINT",
    "stated_cost": "DECIMAL(38, 15)", "stated_currency": "STRING",
    "stated_input": "BIGINT", "stated_cache_read": "BIGINT", "stated_output": "BIGINT",
    "prefix_blocks": "ARRAY<STRING>", "block_size": "BIGINT", "input_from": "BIGINT", "apart": "MAP<STRING, BIGINT>",
}  # fmt: skip
COLUMNS = {**_NEEDED, **_SELDOM}
_EMPTY = {"records": "1", "calls": "1"}
_PLACES = "name Parquet files, a Delta table, or a table of the catalog, as the cluster's machines see them"
_LOG = re.compile(r"\.(jsonl?|ndjson|csv|tsv|txt|log)(\.\w+)?$|\.(gz|zst|bz2|xz|zip)$", re.IGNORECASE)
_TEXT = re.compile(r"[\ufeff\s]*[\w\[{\"'#]")
# What may stand under each type: no text for a number, of which every engine makes something else.
_FITS = {
    "STRING": re.compile(r"string|varchar.*|char.*"),
    "BIGINT": re.compile(r"tinyint|smallint|int|bigint|decimal\(\d+,0\)"),
    "DECIMAL(38, 15)": re.compile(r"decimal\(\d+,\d+\)"),
    "TIMESTAMP": re.compile(r"timestamp(_ntz|_ltz)?"),
    "ARRAY<STRING>": re.compile(r"array<string>"),
    "MAP<STRING, BIGINT>": re.compile(r"map<string,\s?(int|bigint)>"),
}


def read_requests(spark: Spark, frames: Sequence[Any], name: str) -> int:
    """Let requests be known by a name on the engine, each call once.

    A call that stands on several rows, as where machines that read the same logs each laid down their part, is there
    once: the same of its rows that a ledger of all those logs would hold.

    Args:
        spark: the engine.
        frames: the requests, with the ledger's columns and types (see :func:`table`).
        name: how they are to be known.

    Returns:
        how many log records were left out for that.

    Raises:
        EngineError: the engine cannot read them.
    """
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame)
    with spark.faults():
        whole.createOrReplaceTempView(name)
        whole.createOrReplaceTempView("requests_read")
    spark.view("requests_repeated", *_sql("repeated"))
    if not _number(spark, "repeats"):
        return 0
    spark.view("requests_ranked", *_sql("ranked"))
    once, origin = _sql("once")
    spark.view(name, once.replace("{columns}", ", ".join(f"r.{column}" for column in COLUMNS)), origin)
    return _number(spark, "left_out")


def _sql(name: str) -> tuple[str, str]:
    """A statement of this room, and its file."""
    file = f"{name}.sql"
    return resources.files("analyzer.engines").joinpath(file).read_text(encoding="utf-8"), f"analyzer/engines/{file}"


def _number(spark: Spark, name: str) -> int:
    return int(spark.ask(*_sql(name))["number"][0].as_py())


def table(spark: Spark, place: str) -> Any | None:
    """The requests of the table at a place, with the ledger's columns and types, not looked at yet but for its columns.

    None where there are logs as they were written, and no table.

    Raises:
        EngineError: there is nothing that can be read, or it lacks a column, or holds something else in one.
    """
    frame = _found(spark, place)
    return None if frame is None else as_requests(spark, frame, place)


def as_requests(spark: Spark, frame: Any, place: str) -> Any:
    """Rows with the ledger's columns and types.

    Raises:
        EngineError: they lack a column, or hold something else in one.
    """
    with spark.faults():
        there = {field.name.lower(): (field.name, field.dataType.simpleString()) for field in frame.schema.fields}
    if not there:
        raise EngineError(f"--table requests={place}: cannot be read by {spark.where}: nothing is there", _PLACES)
    missing = [column for column in _NEEDED if column not in there]
    if missing:
        plural = "" if len(missing) == 1 else "s"
        raise EngineError(
            f"--table requests={place}: lacks the column{plural} {', '.join(missing)}",
            f"it needs the columns of `spend export --parquet`: {', '.join(_NEEDED)}",
        )
    wrong = [
        f"{column} is {there[column][1]}, not {kind}"
        for column, kind in COLUMNS.items()
        if column in there and there[column][1] != "void" and not _FITS[kind].fullmatch(there[column][1])
    ]
    if wrong:
        raise EngineError(
            f"--table requests={place}: {'; '.join(wrong)}", "let a view on the cluster cast them, and name that"
        )
    columns = [_column(column, kind, there[column][0] if column in there else None) for column, kind in COLUMNS.items()]
    with spark.faults():
        return frame.selectExpr(*columns)


def _column(column: str, kind: str, name: str | None) -> str:
    """A column as the ledger has it, where the table calls it so; empty where it has none, or none in a row."""
    empty = _EMPTY.get(column)
    if name is None:
        return f"CAST({empty or 'NULL'} AS {kind}) AS {column}"
    there = f"CAST({_quoted(name)} AS {kind})"
    return f"{f'coalesce({there}, {empty})' if empty else there} AS {column}"


def _found(spark: Spark, place: str) -> Any | None:
    """The table as the client's frame, not looked at yet but for its columns; None where there are logs."""
    reader = spark.session.read
    is_path = "/" in place or place.endswith(".parquet")
    if "/" in place and _LOG.search(place):
        return None
    try:
        with spark.faults():
            frame = (
                reader.format("delta").load(place) if is_path and _is_delta(spark, place)
                else reader.parquet(place) if is_path
                else reader.table(place)
            )  # fmt: skip
            frame.schema  # noqa: B018 - asks the server
    except EngineError as error:
        if _LOG.search(place) or (is_path and _is_text(spark, place)):
            return None
        reason = str(error).partition(" there: ")[2] or error
        raise EngineError(
            f"--table requests={place}: cannot be read by {spark.where}: {reason}",
            _PLACES,
        ) from error
    return frame


def _is_delta(spark: Spark, place: str) -> bool:
    """Whether a folder is a Delta table: read as mere Parquet, rows that were deleted from it would be back."""
    from pyspark.errors import PySparkException

    try:
        return bool(spark.session.read.text(place.rstrip("/") + "/_delta_log/*.json").head(1))
    except PySparkException:
        return False


def _is_text(spark: Spark, place: str) -> bool:
    """Whether files begin like text, packed or not: like logs, not like damaged Parquet."""
    from pyspark.errors import PySparkException

    try:
        first = spark.session.read.text(place).head(1)
    except PySparkException:
        return False
    return bool(first) and _TEXT.match(first[0][0]) is not None


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
