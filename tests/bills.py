"""Bills of other providers than DeepSeek, calls that they bill, and a ledger of those.

Per 1M tokens, miss, hit, output: GPT-4.1 costs 2, 0.50 and 8; Claude Haiku 4.5 1, 0.10 and 5, writes 1.25, for an hour
2, half of it all as a batch; Claude Sonnet 4.5 3, 0.30 and 15.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from support import Ended, spend, write

DAY = ("2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z")
MICRO = Decimal(1).scaleb(-6)
# The columns of OpenRouter's activity, a call a row.
ACTIVITY = "generation_id,created_at,cost_total,byok_usage_inference,tokens_prompt,tokens_completion,model_permaslug"


def openai(**told: object) -> dict[str, object]:
    """A result of OpenAI's usage API: one call of 400 misses, 600 hits and 100 tokens out, 0.0019."""
    return {
        "object": "organization.usage.completions.result", "model": "gpt-4.1", "input_tokens": 1000,
        "input_cached_tokens": 600, "output_tokens": 100, "num_model_requests": 1, **told,
    }  # fmt: skip


def openai_page(path: Path, *results: Mapping[str, object], start: int = 1791158400, seconds: int = 86400) -> Path:
    """A page of it, of 2026-10-05 unless another time is given."""
    bucket = {"object": "bucket", "start_time": start, "end_time": start + seconds, "results": results}
    path.write_text(json.dumps({"object": "page", "data": [bucket], "has_more": False}), encoding="utf-8")
    return path


def anthropic_page(path: Path, *results: Mapping[str, object], day: tuple[str, str] = DAY) -> Path:
    bucket = {"starting_at": day[0], "ending_at": day[1], "results": results}
    path.write_text(json.dumps({"data": [bucket], "has_more": False}), encoding="utf-8")
    return path


def anthropic(**told: object) -> dict[str, object]:
    """A result of Anthropic's usage report, which counts no calls."""
    return {"model": "claude-haiku-4-5", "uncached_input_tokens": 1000, "output_tokens": 100, **told}


def ranked(model: str = "claude-haiku-4-5", **told: object) -> dict[str, object]:
    """A row of the newer usage report: two calls of what ``anthropic`` tells, unless more is."""
    usage = {"uncached_input_tokens": 1000, "output_tokens": 100, "requests": 2, **told}
    return {"starting_at": DAY[0], "ending_at": DAY[1], "group": {"model": model, "api_key_id": None}, "usage": usage}


def gpt(name: str, **told: object) -> dict[str, object]:
    """The call that ``openai`` bills."""
    return {
        "request_id": name, "ts": "2026-10-05T10:00:00Z", "model": "gpt-4.1", "input_tokens": 1000,
        "cache_read_tokens": 600, "output_tokens": 100, **told,
    }  # fmt: skip


def haiku(number: int, **told: object) -> dict[str, object]:
    """A reply of Claude Haiku 4.5."""
    usage = {"input_tokens": 1000, "output_tokens": 100, **told}
    reply = {"id": f"msg_01{number:08}", "type": "message", "role": "assistant", "model": "claude-haiku-4-5"}
    return {"ts": "2026-10-05T10:00:00Z", "response": {**reply, "usage": usage}}


class Held:
    """A ledger of some calls, and bills that are held against it."""

    def __init__(self, folder: Path, *calls: Mapping[str, object]) -> None:
        self.folder = folder
        self.db = folder / "l.duckdb"
        assert spend("ingest", "--quiet", "--db", self.db, write(folder / "log.jsonl", *calls)).code == 0

    def run(self, *words: str | Path) -> Ended:
        return spend("reconcile", "--db", self.db, *words)

    def document(self, *words: str | Path) -> dict[str, Any]:
        """What ``--json`` says, with all sums tied out."""
        found = self.run("--json", *words).document
        billed, computed = (sum(Decimal(row[side]) for row in found["buckets"]) for side in ("billed", "computed"))
        assert (Decimal(found["billed"]), Decimal(found["computed"])) == (billed, computed)
        assert (
            Decimal(found["difference"]) == billed - computed == sum(Decimal(one["amount"]) for one in found["causes"])
        )
        bill = found["bill"]
        assert bill["records"] == sum(bill[end] for end in ("requests", "duplicates", "skipped", "rejected"))
        return found


def causes(document: Mapping[str, Any]) -> dict[str, Decimal]:
    found = {one["cause"]: Decimal(one["amount"]) for one in document["causes"]}
    return {cause: amount for cause, amount in found.items() if cause != "match"}
