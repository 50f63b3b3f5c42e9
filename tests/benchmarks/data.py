"""The data that is measured: seeded, so that it is the same everywhere. Run as a module it makes one piece of it.

Every piece is made in a process of its own, once, and is found again by its name.
"""

import datetime as dt
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Command, python, run

_ENDPOINTS = ("/v1/chat/completions", "/agents/code", "/rag/answer", "/batch/extract", "/search", "summarise")
_MODELS = ("deepseek-v4-flash", "deepseek-v4-flash", "deepseek-v4-pro")
_BEGIN = dt.datetime(2026, 5, 1)
_BODY = 10_000


def lines(records: int, seed: int = 1, body: int = 0) -> Iterator[str]:
    """Records of a log in the user's own words, one line each; with ``body`` also messages and an answer of that length."""
    draw = random.Random(seed)
    prose = _prose(draw) if body else ""
    step = dt.timedelta(days=200) / max(records, 1)
    for number in range(records):
        instant = (_BEGIN + number * step).isoformat(timespec="milliseconds") + "Z"
        prompt = draw.randint(200, 60_000)
        cached = draw.randint(0, prompt) // 128 * 128
        answer = draw.randint(10, 4_000)
        texts = ""
        if body:
            at, length = draw.randrange(len(prose) // 2), body * 3 // 4
            texts = (
                f'"messages": [{{"role": "user", "content": {json.dumps(prose[at : at + length])}}}], '
                f'"response": {json.dumps(prose[at + length : at + body])}, '
            )
        yield (
            f'{{"request_id": "{draw.getrandbits(128):032x}", "ts": "{instant}", "endpoint": "{draw.choice(_ENDPOINTS)}", '
            f'"model": "{draw.choice(_MODELS)}", "session_id": "sess-{draw.randrange(records // 8 + 1):08x}", '
            f'"api_key_name": "svc-{draw.randrange(9)}", "team": "{draw.choice("abc")}", {texts}"status": 200, '
            f'"latency_ms": {draw.randint(100, 30_000)}, "usage": {{"prompt_tokens": {prompt}, "completion_tokens": {answer}, '
            f'"total_tokens": {prompt + answer}, "prompt_tokens_details": {{"cached_tokens": {cached}}}, '
            f'"completion_tokens_details": {{"reasoning_tokens": {answer // 3}}}}}}}\n'
        )


def _prose(draw: random.Random) -> str:
    """Text with what JSON must escape, as prompts have."""
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyzé", k=draw.randint(2, 11))) for _ in range(2_000)]
    marks = (" ", " ", " ", " ", " ", ", ", ".\n", ' "', '" ', "\t")
    return "".join(draw.choice(words) + draw.choice(marks) for _ in range(20_000))


def write_log(path: Path, records: int, body: int = 0) -> None:
    """One log."""
    with path.open("w", encoding="utf-8") as out:
        out.writelines(lines(records, body=body))


def write_folder(path: Path, records: int, files: int, broken: str = "") -> None:
    """The records of the log of that length, in a folder of many files, in the middle of each what is no record."""
    path.mkdir()
    each, source = -(-records // files), lines(records)
    for number in range(files):
        part = [line for _, line in zip(range(each), source, strict=False)]
        part.insert(len(part) // 2, broken)
        (path / f"{number:05}.jsonl").write_text("".join(part), encoding="utf-8")


def write_agents(path: Path, records: int, sessions: int) -> None:
    """Transcripts of Claude Code with so many lines of usage in all, each session in a file of its own.

    A message with two blocks of content stands in two lines with the same usage, as they do; what a tool gave stands
    between; and every tenth session begins with the last messages of another one, which it goes on from.
    """
    draw = random.Random(3)
    prose = _prose(draw)
    each = -(-records // sessions)
    earlier: list[str] = []
    for session in range(sessions):
        told = list(earlier) if session % 10 == 9 else []
        while len(told) < each:
            told += _message(draw, prose, session, len(told))
        earlier = told[-6:]
        folder = path / "projects" / f"-home-dev-app{session % 20}"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{session:08x}-0000-4000-8000-000000000000.jsonl").open("w", encoding="utf-8") as out:
            for line in told[:each]:
                out.write(line)
                out.write(_tool_result(draw, prose, session))


def _message(draw: random.Random, prose: str, session: int, place: int) -> list[str]:
    """One message of the model, as one line or two."""
    instant = (_BEGIN + dt.timedelta(minutes=session * 30, seconds=place * 7)).isoformat(timespec="milliseconds") + "Z"
    usage = (
        f'"usage":{{"input_tokens":{draw.randint(1, 900)},"cache_creation_input_tokens":{draw.randint(0, 9_000)},'
        f'"cache_read_input_tokens":{draw.randint(0, 150_000)},"output_tokens":{draw.randint(1, 3_000)},'
        f'"service_tier":"standard"}}'
    )
    message, request = f"msg_{draw.getrandbits(96):024x}", f"req_{draw.getrandbits(96):024x}"
    return [
        f'{{"parentUuid":"{draw.getrandbits(122):032x}","isSidechain":false,"userType":"external",'
        f'"cwd":"/home/dev/app{session % 20}","sessionId":"{session:08x}-0000-4000-8000-000000000000",'
        f'"version":"2.0.14","message":{{"id":"{message}","type":"message","role":"assistant",'
        f'"model":"claude-sonnet-4-5-20250929","content":[{{"type":"text","text":{_piece(draw, prose)}}}],'
        f'"stop_reason":"tool_use",{usage}}},"requestId":"{request}","type":"assistant",'
        f'"uuid":"{draw.getrandbits(122):032x}","timestamp":"{instant}"}}\n'
        for _ in range(draw.choice((1, 1, 2)))
    ]


def _tool_result(draw: random.Random, prose: str, session: int) -> str:
    return (
        f'{{"parentUuid":"{draw.getrandbits(122):032x}","isSidechain":false,"cwd":"/home/dev/app{session % 20}",'
        f'"sessionId":"{session:08x}-0000-4000-8000-000000000000","type":"user","message":{{"role":"user",'
        f'"content":[{{"type":"tool_result","content":{_piece(draw, prose)}}}]}},'
        f'"uuid":"{draw.getrandbits(122):032x}","timestamp":"2026-05-01T00:00:00.000Z"}}\n'
    )


def _piece(draw: random.Random, prose: str) -> str:
    at = draw.randrange(len(prose) // 2)
    return json.dumps(prose[at : at + draw.randint(200, 3_000)], ensure_ascii=False)


def write_ledger(path: Path, records: int) -> None:
    """A ledger of so many requests, made by SQL."""
    from analyzer.ledger import Ledger

    with Ledger.open(path, create=True) as ledger, ledger.transaction():
        ledger.connection.execute(
            """
            INSERT INTO requests BY NAME
            SELECT 1 AS source_id, 'req-' || i AS request_id,
                TIMESTAMP '2026-05-01' + to_microseconds(i * (200 * 86400000000 // $records)) AS started_at,
                started_at + to_milliseconds(100 + draw % 30000) AS completed_at,
                ['/v1/chat/completions', '/agents/code', '/rag/answer', '/batch/extract', '/search', 'summarise'][1 + draw % 6] AS endpoint,
                CASE WHEN draw // 7 % 3 = 0 THEN 'deepseek-v4-pro' ELSE 'deepseek-v4-flash' END AS model,
                'sess-' || (draw // 11 % ($records // 8 + 1)) AS session_id,
                'svc-' || draw // 13 % 9 AS api_key_name,
                CAST(200 + draw // 17 % 60000 AS BIGINT) AS input_tokens,
                CAST(input_tokens * (draw // 19 % 100) // 100 // 128 * 128 AS BIGINT) AS cache_read_tokens,
                CAST(10 + draw // 23 % 4000 AS BIGINT) AS output_tokens,
                CAST(output_tokens // 3 AS BIGINT) AS reasoning_tokens
            FROM (SELECT i, (i * 2654435761 + 12345) % 4294967296 * 40503 % 4294967291 AS draw FROM range($records) AS t(i))
            """,
            {"records": records},
        )
        ledger.connection.execute(
            "INSERT INTO sources VALUES (1, 'made', 'generic', '', '', 0, 0, $1, $1, 0, 0, 0, 0, NULL)", [records]
        )


def make(folder: Path, kind: str, records: int, extra: int = 0) -> Path:
    """A piece of data, made if it is not there.

    Args:
        folder: where it stands.
        kind: a ``log``, a ``fat`` log, a ``folder`` of logs, such logs each with a ``broken`` line, ``agents``, or a
            ``ledger``.
        records: how many there are.
        extra: how many files, in a folder.
    """
    ending = {"log": ".jsonl", "fat": ".jsonl", "folder": "", "broken": "", "agents": "", "ledger": ".duckdb"}[kind]
    path = folder / f"{kind}-{records}{f'-{extra}' if extra else ''}{ending}"
    if not path.exists():
        part = path.with_name("making-" + path.name)
        _remove(part)
        run(Command(python("tests.benchmarks.data", kind, part, records, extra)))
        part.rename(path)
    return path


def _remove(path: Path) -> None:
    import shutil

    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


if __name__ == "__main__":
    wanted, where, count, more = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    if wanted == "log":
        write_log(where, count)
    elif wanted == "fat":
        write_log(where, count, body=_BODY)
    elif wanted == "folder":
        write_folder(where, count, more)
    elif wanted == "broken":
        write_folder(where, count, more, broken="Traceback (most recent call last):\n")
    elif wanted == "agents":
        write_agents(where, count, more)
    else:
        write_ledger(where, count)
