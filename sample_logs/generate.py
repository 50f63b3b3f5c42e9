"""Writes the sample logs beside it: `python sample_logs/generate.py [--check]`.

The calls of `workloads.py` in five logs of five shapes, with the faults that logs have. `--check` writes
nothing and names the logs that differ.
"""

import csv
import gzip
import hashlib
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dice import Dice
from workloads import DAYS, Call, agents, app, batch, chat, contracts, rag, reports, trial, tries

FOLDER = Path(__file__).parent
STEPS = (
    ("Reading the failing test first.", "read_file", '{"path": "tests/test_invoice.py"}'),
    ("The rounding happens too early; looking for its callers.", "search", '{"pattern": "round_total"}'),
    ("Moving the rounding to the end.", "edit_file", '{"path": "billing/invoice.py", "lines": "40-58"}'),
    ("Running the tests again.", "run", '{"command": "pytest -q tests/test_invoice.py"}'),
)


def usage(call: Call) -> dict[str, object]:
    """Token counts in OpenAI's words, which most logs use."""
    return {
        "prompt_tokens": call.prompt,
        "completion_tokens": call.output,
        "total_tokens": call.prompt + call.output,
        "prompt_tokens_details": {"cached_tokens": call.hit},
        "completion_tokens_details": {"reasoning_tokens": call.reasoning},
    }


def line(record: dict[str, object]) -> str:
    """A record as one line of JSON."""
    return json.dumps(record, separators=(",", ":")) + "\n"


def table(rows: Sequence[dict[str, object]]) -> str:
    """Records as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def gateway_line(call: Call, status: int = 200, *, measured: bool = True) -> str:
    """A call in the words of the team's own gateway."""
    at = f"{call.at:%Y-%m-%dT%H:%M:%S}.{call.at.microsecond // 1000:03}Z"
    session = {"session_id": call.session} if call.session else {}
    names = {"endpoint": call.endpoint, "model": call.model, **session, "api_key_name": call.key}
    rest = {"request_id": call.id, "status": status, "latency_ms": call.latency}
    return line({"ts": at, **names, "team": call.team, **rest, "usage": usage(call) if measured else None})


def gateway_log(calls: Sequence[Call], dice: Dice) -> Iterator[str]:
    """The gateway's log, and all that goes wrong in twelve weeks of one."""
    for number, told in enumerate(sorted(calls, key=lambda call: call.at)):
        # In one record two counts have got into each other's field.
        call = replace(told, prompt=told.hit, hit=told.prompt) if number == 1100 else told
        if number % 130 == 60:  # refused at first, then answered
            refused = replace(call, id=dice.uuid(), at=call.at - timedelta(seconds=3), output=0)
            yield gateway_line(refused, dice.pick((429, 429, 500)), measured=False)
        if number == 700:  # the shipper was stopped while it wrote, and began the line anew
            yield gateway_line(call)[:150] + "\n"
        yield gateway_line(call, measured=number % 170 != 40)  # some clients ask a stream for no usage
        if number % 400 == 200:  # not acknowledged, so the shipper sent it again
            yield gateway_line(call)


def agent_line(call: Call, step: int, *, last: bool, measured: bool) -> str:
    """A reply of DeepSeek's API as it came, with the names the team adds to it."""
    text, tool, arguments = STEPS[step % len(STEPS)]
    message: dict[str, object] = {"role": "assistant", "content": "Done: all tests pass." if last else text}
    if not last:
        function = {"name": tool, "arguments": arguments}
        message["tool_calls"] = [{"id": f"call_{call.id[:8]}", "type": "function", "function": function}]
    choice = {"index": 0, "message": message, "finish_reason": "stop" if last else "tool_calls"}
    hits = {"prompt_cache_hit_tokens": call.hit, "prompt_cache_miss_tokens": call.prompt - call.hit}
    reply = {
        "id": call.id,
        "object": "chat.completion",
        "created": int(call.end.timestamp()),
        "model": call.model,
    }
    counts = {"choices": [choice], "usage": {**usage(call), **hits} if measured else None}
    names = {
        "endpoint": call.endpoint,
        "session_id": call.session,
        "api_key_name": call.key,
        "team": call.team,
    }
    return line({**reply, **counts, **names})


def agents_log(calls: Sequence[Call]) -> Iterator[str]:
    """The agents' log, session after session: one reply was broken off before its usage, two came twice."""
    step = 0
    for number, (call, following) in enumerate(zip(calls, [*calls[1:], None], strict=True)):
        last = following is None or following.session != call.session
        written = agent_line(call, step, last=last, measured=number != 90)
        yield from [written] * (2 if number in {150, 310} else 1)
        step = 0 if last else step + 1


def litellm_row(call: Call, status: str = "success", *, measured: bool = True) -> dict[str, object]:
    """A row of LiteLLM's table of spend logs. Its price table knows one price of Pro and no windows."""
    call = call if measured else replace(call, prompt=0, hit=0, output=0)
    spend = (call.prompt - call.hit) * 660 + call.hit * 22 + call.output * 1980  # 1e-9 USD
    times = [f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond:06}+00:00" for at in (call.at, call.end)]
    names = {"user_api_key_alias": call.key, "user_api_key_team_id": call.team}
    counts = {"cache_read_input_tokens": call.hit} if measured else {}
    more = {"additional_usage_values": counts, "usage_object": usage(call) if measured else None}
    metadata = {**names, "user_api_key_request_route": call.endpoint, **more}
    return {
        "request_id": call.id, "call_type": "acompletion",
        "api_key": hashlib.sha256(call.key.encode()).hexdigest(), "cache_hit": "False",
        "startTime": times[0], "endTime": times[1], "model": f"deepseek/{call.model}", "user": "",
        "team_id": call.team, "metadata": json.dumps(metadata),
        "spend": f"{spend // 10**9}.{spend % 10**9:09}", "total_tokens": call.prompt + call.output,
        "prompt_tokens": call.prompt, "completion_tokens": call.output, "request_tags": '["job:extract"]',
        "end_user": "", "model_group": "extractor", "custom_llm_provider": "deepseek", "session_id": "",
        "request_duration_ms": call.latency, "status": status,
    }  # fmt: skip


def litellm_log(calls: Sequence[Call]) -> Iterator[dict[str, object]]:
    """The proxy's table: failures, a stream without usage, documents answered from the proxy's own cache."""
    for number, call in enumerate(calls):
        failed = call.failed or number in {77, 290}
        measured = call.measured and number not in {77, 180, 290}
        yield litellm_row(call, "failure" if failed else "success", measured=measured)
        if number in {33, 250}:
            again = replace(call, at=call.end + timedelta(seconds=30))
            again = replace(again, id=f"{call.id}_cache_hit{int(again.at.timestamp())}")
            yield {**litellm_row(again), "cache_hit": "True", "spend": "0.0"}


def responses_log(calls: Sequence[Call]) -> Iterator[str]:
    """Replies of the Responses API; one in nine ran in the background and was logged while queued, too."""
    for number, call in enumerate(sorted(calls, key=lambda call: call.at)):
        begun = {"id": call.id, "object": "response", "created_at": int(call.at.timestamp())}
        head = {
            **begun,
            "model": call.model,
            "endpoint": call.endpoint,
            "api_key_name": call.key,
            "team": call.team,
        }
        counts = {
            "input_tokens": call.prompt,
            "input_tokens_details": {"cached_tokens": call.hit},
            "output_tokens": call.output,
            "output_tokens_details": {"reasoning_tokens": call.reasoning},
            "total_tokens": call.prompt + call.output,
        }
        output = [{"type": "reasoning", "summary": []}, {"type": "message", "role": "assistant"}]
        if number % 9 == 4:
            yield line({**head, "status": "queued", "completed_at": None, "output": [], "usage": None})
        done = {"status": "completed", "completed_at": int(call.end.timestamp()), "output": output}
        yield line({**head, **done, "usage": counts})


def app_log(calls: Sequence[Call]) -> Iterator[dict[str, object]]:
    """The app's table: no request ids, cached tokens only since its second release, once half a token."""
    for number, call in enumerate(sorted(calls, key=lambda call: call.at)):
        yield {
            "timestamp": f"{call.at:%Y-%m-%d %H:%M:%S}",
            "feature": call.endpoint,
            "model": call.model,
            "input_tokens": f"{call.prompt}.5" if number == 200 else call.prompt,
            "cached_tokens": call.hit if call.at >= DAYS[10] else "",
            "output_tokens": call.output,
            "user": call.key,
        }


def contents() -> dict[str, str]:
    """All logs by file name, as text."""
    gateway = [*chat(Dice(1)), *rag(Dice(2)), *contracts(Dice(3)), *trial(Dice(4)), *tries(Dice(5))]
    return {
        "agents.jsonl.gz": "".join(agents_log(list(agents(Dice(6))))),
        "app.csv": table(list(app_log(list(app(Dice(7)))))),
        "gateway.jsonl.gz": "".join(gateway_log(gateway, Dice(8))),
        "litellm_spend_logs.csv": table(list(litellm_log(list(batch(Dice(9)))))),
        "responses.jsonl": "".join(responses_log(list(reports(Dice(10))))),
    }


def read(path: Path) -> str | None:
    """The text of a log, if it is there. Packed ones are compared by it: compressors differ."""
    if not path.exists():
        return None
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


def write(path: Path, text: str) -> None:
    """Write a log; neither the clock nor the platform shows in it."""
    content = text.encode()
    if path.suffix == ".gz":
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as file:
            file.write(content)
        content = packed.getvalue()
    path.write_bytes(content)


def main(arguments: Sequence[str]) -> int:
    """Write the logs that differ from what belongs there, or with `--check` only name them."""
    if list(arguments) not in ([], ["--check"]):
        print("usage: python sample_logs/generate.py [--check]", file=sys.stderr)
        return 2
    differing = {name: text for name, text in contents().items() if read(FOLDER / name) != text}
    for name, text in differing.items():
        if arguments:
            print(f"{name}: differs from what generate.py writes")
        else:
            write(FOLDER / name, text)
    return 1 if arguments and differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
