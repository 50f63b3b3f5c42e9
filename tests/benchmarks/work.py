"""One piece of work in a process of its own: what one would write by hand, or a step of the program's that no command does alone.

Those that work on a ledger print the CPU seconds of the work itself, without the start of Python, which would flatter
a ratio.
"""

import resource
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

_USAGE = (
    "STRUCT(prompt_tokens BIGINT, completion_tokens BIGINT, total_tokens BIGINT, "
    "prompt_tokens_details STRUCT(cached_tokens BIGINT), completion_tokens_details STRUCT(reasoning_tokens BIGINT))"
)


def by_hand(log: str, db: str) -> None:
    """What a user who knows the log, and trusts it, would write: typed columns straight into a table."""
    connection = duckdb.connect(db)
    connection.execute(
        f"""
        CREATE TABLE requests AS
        SELECT request_id, ts, endpoint, model, session_id, api_key_name, team, status, latency_ms,
            usage.prompt_tokens AS prompt_tokens, usage.completion_tokens AS completion_tokens,
            usage.prompt_tokens_details.cached_tokens AS cached_tokens,
            usage.completion_tokens_details.reasoning_tokens AS reasoning_tokens
        FROM read_json(?, format = 'newline_delimited', columns = {{
            request_id: 'VARCHAR', ts: 'TIMESTAMP', endpoint: 'VARCHAR', model: 'VARCHAR', session_id: 'VARCHAR',
            api_key_name: 'VARCHAR', team: 'VARCHAR', status: 'BIGINT', latency_ms: 'BIGINT', usage: '{_USAGE}'}})
        """,
        [log],
    )
    connection.close()


def _on_ledger(db: str, prepared: bool, work: Callable[..., object]) -> None:
    from analyzer.ledger import Ledger
    from analyzer.prices import Book
    from analyzer.simulate.relations import View, prepare

    with Ledger.open(Path(db)) as ledger:
        book, view = Book.load(), View()
        if prepared:
            prepare(ledger, book, view)
        begun = _cpu()
        work(ledger, book, view)
        print(f"work={_cpu() - begun:.4f}")


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rollup(db: str) -> None:
    """Tokens by endpoint and month, without a price."""
    text = """
        SELECT endpoint, date_trunc('month', coalesce(completed_at, started_at)) AS month, count(*), sum(input_tokens),
            sum(cache_read_tokens), sum(cache_write_tokens), sum(output_tokens), sum(reasoning_tokens)
        FROM requests GROUP BY ALL ORDER BY ALL
    """
    _on_ledger(db, False, lambda ledger, book, view: ledger.connection.execute(text).fetchall())


def pricing(db: str) -> None:
    """The same with exact cost: prices resolved, joined and summed, as for every analysis."""
    from analyzer.engines.query import named
    from analyzer.simulate.relations import prepare

    def work(ledger, book, view):  # type: ignore[no-untyped-def]
        prepare(ledger, book, view)
        named("endpoints_by_month").frame(ledger.connection)

    _on_ledger(db, False, work)


def scenario(db: str, name: str, cache: str) -> None:
    """One scenario; ``actual`` is reality through the same path."""
    from dataclasses import replace

    from analyzer.prices import Book
    from analyzer.simulate.scenario import ACTUAL
    from analyzer.simulate.vocabulary import read
    from analyzer.simulate.whatif import Simulation

    asked = ACTUAL if name == "actual" else replace(read(name, Book.load()), cache=cache)
    _on_ledger(db, True, lambda ledger, book, view: Simulation(ledger, book, view).price(asked))


def what_if(name: str, cache: str, *where: str) -> None:
    """One scenario from nothing, prices and sums included: over a ledger, or over a table of another engine."""
    from dataclasses import replace

    from analyzer.cli.engine import reached
    from analyzer.ledger import Ledger
    from analyzer.prices import Book
    from analyzer.simulate.relations import View
    from analyzer.simulate.requests import Here, Requests
    from analyzer.simulate.vocabulary import read
    from analyzer.simulate.whatif import Simulation

    book, view = Book.load(), View()

    def price(requests: Requests) -> None:
        requests.prepare(book, view)
        simulation = Simulation(requests.ledger, book, view, requests)
        print(f"cost={simulation.price(replace(read(name, book), cache=cache)).cost}")

    given = dict(zip(where[::2], where[1::2], strict=True))
    if "--db" in given:
        with Ledger.open(Path(given["--db"])) as ledger:
            price(Here(ledger))
    else:
        with reached(given["--engine"], (given["--table"],)) as far:
            price(far)


def lag(db: str) -> None:
    """The least that a cache model by session can do: look at each session's requests in order."""
    text = """
        SELECT sum(gap), count(DISTINCT endpoint) FROM (
            SELECT endpoint, epoch_us(started_at) - lag(epoch_us(started_at)) OVER (PARTITION BY session_id ORDER BY started_at) AS gap
            FROM requests)
    """
    _on_ledger(db, False, lambda ledger, book, view: ledger.connection.execute(text).fetchall())


def same_tokens(db: str, *expected: str) -> None:
    """Fail unless a ledger's uncached, written, cached and output tokens come to these sums."""
    text = """
        SELECT sum(input_tokens - cache_read_tokens - cache_write_tokens), sum(cache_write_tokens), sum(cache_read_tokens),
            sum(output_tokens)
        FROM requests
    """
    with duckdb.connect(db, read_only=True) as connection:
        told = connection.execute(text).fetchall()[0]
    assert [str(count) for count in told] == list(expected), (told, expected)


if __name__ == "__main__":
    {
        "by_hand": by_hand,
        "same_tokens": same_tokens,
        "rollup": rollup,
        "pricing": pricing,
        "scenario": scenario,
        "what_if": what_if,
        "lag": lag,
    }[sys.argv[1]](*sys.argv[2:])
