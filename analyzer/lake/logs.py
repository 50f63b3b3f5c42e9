"""Logs as they were written, where another engine reads them: judged there, but for the few records that are odd.

A record is read there by the format's own SELECT, and by a judgement that means the same on every engine, if all its
values are written plainly. If not, it comes here and is judged as any other, and the request that it became goes back:
so a record counts, is skipped or is rejected just as it would be in a ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import pyarrow as pa

from analyzer.engines.source import COLUMNS, as_requests
from analyzer.engines.spark import Spark
from analyzer.engines.wording import FORMATS
from analyzer.errors import EngineError, SourceError
from analyzer.ingest.detection import detect
from analyzer.ingest.format import Format
from analyzer.ingest.outcome import Manner
from analyzer.lake.claims import Claims, claims, plain
from analyzer.lake.layout import Layout, laid_out
from analyzer.lake.odd import Odd, judged_here

MOST_ODD = 100_000  # records that come here: they are read by one machine
INGEST = (
    "`spend ingest` them, on one machine or each part on another, `spend export --parquet --what requests "
    "--partition --output FOLDER`, and name the folders: a call that stands in several counts once"
)
_SAMPLE = 64
_LONGEST = 1 << 20  # characters of a line that is looked at for its format
_SETTINGS = ("model", "endpoint", "session", "team", "time")


@dataclass(frozen=True)
class Read:
    """What became of the logs at one place.

    Attributes:
        frame: their requests, with the ledger's columns.
        records: how many records they hold.
        duplicates: how many of the odd ones tell of a call again; what else does is still among the requests.
        skipped: how many are no provider call, by their format's own rule.
        rejected: how many could not be understood.
        reasons: log, reason and number of those.
        copies: logs that hold what another one holds: they add nothing.
    """

    frame: Any
    records: int
    duplicates: int
    skipped: int
    rejected: int
    reasons: Sequence[tuple[str, str, int]]
    copies: Sequence[str]


def read_logs(spark: Spark, place: str, manner: Manner) -> Read:
    """Let the engine read the logs at a place: a file, a folder or a glob of JSON lines, or of CSV, of one format.

    Raises:
        EngineError: they are no such, their format says something that is not the same there, or too many of their
            records are odd.
    """
    lines = _lines(spark, place)
    layout = _layout(spark, place, lines)
    form = manner.format or _detected(place, layout)
    if layout.container == "csv":
        lines = _rows(spark, place, layout, lines)
    try:
        how = claims(form)
        judged = _judged(spark, lines, layout, form, how, manner.given)
    except EngineError as error:
        raise EngineError(
            f"--table requests={place}: logs of the format {form.name} are not read on Spark: {error}", INGEST
        ) from error
    spark.lay(judged, "log_judged")
    tallies = spark.run(_sql("tallied"))
    first = {(row["records"], row["mark"]): row["log_file"] for row in reversed(tallies)}
    copies = [row["log_file"] for row in tallies if first[row["records"], row["mark"]] != row["log_file"]]
    told = [row for row in tallies if row["log_file"] not in frozenset(copies)]
    open_words = [row for row in told if row["open"]]
    if unclear := [row["log_file"] for row in open_words if row["unclear"]]:
        raise EngineError(
            f"--table requests={place}: whether cache counts of {unclear[0]} are a part of the input is told by "
            "records that are not written plainly",
            INGEST,
        )
    records, odd, skipped = (sum(row[name] for row in told) for name in ("records", "odd", "skipped"))
    if odd > MOST_ODD:
        raise EngineError(
            f"--table requests={place}: {odd:,} of {records:,} records of the format {form.name} are not written as "
            "plainly as it takes to judge them on Spark",
            INGEST,
        )
    spark.define("log_copies", pa.table({"copy": pa.array(copies, pa.string())}))
    if open_words:
        with spark.faults():
            spark.session.sql(_sql("settled")).createOrReplaceTempView("log_settled")
    judged_as = "log_settled" if open_words else "log_judged"
    once = f"SELECT j.* FROM {judged_as} j LEFT ANTI JOIN log_copies c ON j.log_file = c.copy"
    with spark.faults():
        spark.session.sql(once).createOrReplaceTempView("log_told")
        plainly = spark.session.sql("SELECT * FROM log_told WHERE NOT log_odd AND skip IS NULL")
    frame = as_requests(spark, plainly, place)
    here = Odd()
    if odd:
        rows = spark.run("SELECT log_file, source_id, CAST(log_line AS BINARY) AS log_line FROM log_told WHERE log_odd")
        here = judged_here(rows, form, manner.given, layout.anchor)
        spark.define("log_requests", here.requests)
        frame = frame.unionByName(as_requests(spark, spark.session.table("log_requests"), place))
    return Read(
        spark.settled(frame),
        records=records - odd + here.records,
        duplicates=here.duplicates,
        skipped=skipped + here.skipped,
        rejected=here.rejected,
        reasons=here.reasons,
        copies=copies,
    )


def _lines(spark: Spark, place: str) -> Any:
    """The lines of the logs that are not blank, with the name of their log."""
    reader = spark.session.read
    if not any(letter in place for letter in "*?[{"):
        reader = reader.option("recursiveFileLookup", "true")
    mark = "'\\ufeff'"
    try:
        with spark.faults():
            lines = (
                reader.text(place)
                .selectExpr(f"ltrim({mark}, value) AS value", "_metadata.file_path AS file")
                .filter("trim(value) <> ''")
            )
            lines.schema  # noqa: B018 - asks the server
    except EngineError as error:
        raise EngineError(f"--table requests={place}: logs cannot be read there: {error}", INGEST) from error
    return lines


def _layout(spark: Spark, place: str, lines: Any) -> Layout:
    with spark.faults():
        sample = (
            lines.filter(f"length(value) < {_LONGEST} AND is_valid_utf8(value)")
            .limit(_SAMPLE)
            .toArrow()["value"]
            .to_pylist()
        )
    found = laid_out(place, sample) if sample else None
    if found is None:
        what = "neither JSON lines nor CSV" if sample else "nothing"
        raise EngineError(f"--table requests={place}: {what} there", INGEST)
    return found


def _detected(place: str, layout: Layout) -> Format:
    try:
        return detect(f"--table requests={place}", layout.container, layout.records).format
    except SourceError as error:
        raise EngineError(str(error), error.remedy) from error


def _rows(spark: Spark, place: str, layout: Layout, lines: Any) -> Any:
    """The lines of CSV but for those with the names of columns.

    Raises:
        EngineError: the logs have several, or a row is more than a line.
    """
    lines.createOrReplaceTempView("log_lines")
    opening = layout.opening.replace("\\", "\\\\").replace("'", "\\'")
    for other in spark.run(_sql("headed").replace("{opening}", opening)):
        torn = "a text with line ends in it" if other["torn"] else "other names of columns than the others"
        raise EngineError(f"--table requests={place}: {other['file']} has {torn}, and is not read on Spark", INGEST)
    return lines.filter(lines.value != layout.opening)


def _judged(spark: Spark, lines: Any, layout: Layout, form: Format, how: Claims, given: Mapping[str, str]) -> Any:
    """Every record with what it became there, or as odd with its line."""
    spark.set(**{f"set_{name}": given.get(name) for name in _SETTINGS})
    text = _sql("decoded")
    for slot, part in (
        ("records", how.records),
        ("odd", how.odd),
        ("broken", layout.broken),
        ("parsed", layout.parsed(how)),
    ):
        text = text.replace("{" + slot + "}", part, 1)
    with spark.faults():
        lines.createOrReplaceTempView("log_lines")
        spark.session.sql(text).createOrReplaceTempView("decoded" if how.envelope is not None else "records")
    if how.envelope is not None:
        spark.view("records", how.envelope, "analyzer/ingest/envelope.sql", FORMATS)
    spark.view("log_given", how.select, f"formats/{form.name}.sql", FORMATS)
    with spark.faults():
        spark.session.sql(f"SELECT {how.told()} FROM log_given").createOrReplaceTempView("claim")
    spark.view("log_plain", plain(), "analyzer/lake/plain.sql", FORMATS)
    names = ", ".join(name for name in COLUMNS if name != "apart")  # who has something there is odd
    with spark.faults():
        return spark.session.sql(
            f"SELECT {names}, skip, log_odd, log_cache, log_file, CASE WHEN log_odd THEN log_line END AS log_line, "
            "xxhash64(log_line) AS log_mark FROM log_plain"
        )


def _sql(name: str) -> str:
    return resources.files("analyzer.lake").joinpath(f"{name}.sql").read_text(encoding="utf-8")
