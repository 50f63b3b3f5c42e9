"""A table of requests on another engine: finding it, and reading it as the ledger's columns."""

from __future__ import annotations

import re
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
    "prefix_blocks": "ARRAY<STRING>", "block_size": "BIGINT", "apart": "MAP<STRING, BIGINT>",
}  # fmt: skip
COLUMNS = {**_NEEDED, **_SELDOM}
_EMPTY = {"records": "1", "calls": "1"}
_PLACES = "name Parquet files, a Delta table, or a table of the catalog, as the cluster's machines see them"
# What may stand under each type: no text for a number, of which every engine makes something else.
_FITS = {
    "STRING": re.compile(r"string|varchar.*|char.*"),
    "BIGINT": re.compile(r"tinyint|smallint|int|bigint|decimal\(\d+,0\)"),
    "DECIMAL(38, 15)": re.compile(r"decimal\(\d+,\d+\)"),
    "TIMESTAMP": re.compile(r"timestamp(_ntz|_ltz)?"),
    "ARRAY<STRING>": re.compile(r"array<string>"),
    "MAP<STRING, BIGINT>": re.compile(r"map<string,\s?(int|bigint)>"),
}


def read_requests(spark: Spark, place: str, name: str) -> None:
    """Let the requests at a place be known by a name on the engine, with the ledger's columns and types.

    Raises:
        EngineError: there is no table there, or it lacks a column, or holds something else in one.
    """
    frame = _found(spark, place)
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
    columns = [
        f"CAST({_quoted(there[column][0]) if column in there else _EMPTY.get(column, 'NULL')} AS {kind}) AS {column}"
        for column, kind in COLUMNS.items()
    ]
    with spark.faults():
        frame.selectExpr(*columns).createOrReplaceTempView(name)


def _found(spark: Spark, place: str) -> Any:
    """The table as the client's frame, not looked at yet but for its columns."""
    reader = spark.session.read
    is_path = "/" in place or place.endswith(".parquet")
    try:
        with spark.faults():
            frame = (
                reader.format("delta").load(place) if is_path and _is_delta(spark, place)
                else reader.parquet(place) if is_path
                else reader.table(place)
            )  # fmt: skip
            frame.schema  # noqa: B018 - asks the server
    except EngineError as error:
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


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
