"""Lines as long as they come, around the lengths at which something changes, in full size."""

import json
from pathlib import Path

import pytest
from conftest import LoadLogs, call, counts, rows

MB = 1 << 20
HEADER = b"request_id,ts,model,input_tokens,output_tokens,note\n"

pytestmark = pytest.mark.endurance


def json_line(number: int, size: int) -> bytes:
    """A record of a call whose line has so many bytes, its end included."""
    begun = json.dumps(call(number))[:-1].encode() + b', "note": "'
    return begun + b"x" * (size - len(begun) - 3) + b'"}\n'


def csv_line(number: int, size: int) -> bytes:
    begun = f"call-{number},2026-10-01T08:00:00Z,m,10,5,".encode()
    return begun + b"x" * (size - len(begun) - 1) + b"\n"


@pytest.mark.parametrize("size", [MB, 16 * MB, 16 * MB + 1, 17 * MB, 255 * MB, 256 * MB, 257 * MB])
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_between_two_short_ones(kind: str, size: int, load_logs: LoadLogs, tmp_path: Path) -> None:
    line = json_line if kind == "jsonl" else csv_line
    log = tmp_path / f"log.{kind}"
    log.write_bytes((HEADER if kind == "csv" else b"") + line(1, 200) + line(2, size) + line(3, 200))
    ledger, outcome = load_logs(log)
    log.unlink()
    assert not outcome.errors
    read = size <= 256 * MB
    assert rows(ledger, "SELECT request_id FROM requests ORDER BY 1") == [
        (f"call-{number}",) for number in ((1, 2, 3) if read else (1, 3))
    ]
    told = "a line of more than 256 MB" if kind == "jsonl" else "a row of more than 256 MB"
    assert rows(ledger, "SELECT record, reason FROM rejected") == ([] if read else [(2, told)])
    assert counts(ledger)["records"] == 3
