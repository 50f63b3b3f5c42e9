"""What fuzzing begins with: the samples of all formats, cut to a size at which many can be tried."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "formats"
LARGEST = 16 << 10  # of an input
_OURS = {"golden.csv", "counts.csv"}
_ENDINGS = {".jsonl", ".json", ".csv", ".txt", ".ndjson", ".log", ".sse"}

SMALL = (
    b"",
    b"\n",
    b"{}",
    b"[]",
    b"[[]]",
    b"null\n",
    b'{"ts": "2026-10-01T08:00:00Z", "model": "m", "input_tokens": 1, "output_tokens": 1}',
    b'[{"ts": 1790812800, "model": "m", "usage": {"input_tokens": 1, "output_tokens": 1}}]',
    b'{\n "ts": 1790812800.5,\n "model": "m",\n "usage": {"prompt_tokens": 1, "completion_tokens": 1}\n}\n{}',
    b'ts,model,input_tokens,output_tokens,note\n2026-10-01,m,1,1,"a\nb ""c"""\n\n2026-10-02,m,,2,CANARY\n',
    b"date;model;input_tokens;output_tokens\r\n2026-10-01;m;1;1\r\n",
    b'broken\n{"ts": 1, "model": "m"}\n',
    b'{"time": "2026-10-01T08:00:00Z", "log": "{\\"model\\": \\"m\\", \\"input_tokens\\": 1}"}\n{"log": "CANARY"}\n',
    b'{"hits": {"hits": [{"_source": {"date": 1790812800, "llm": {"model": "m", "usage": {"input": 1, "output": 1}}}}]}}',
    b'time,message\n2026-10-01,"{""model"": ""m"", ""input_tokens"": 1, ""output_tokens"": 1}"\n2026-10-01,CANARY\n',
    b'2026-10-01 08:00:00,5 INFO {"model": "m", "input_tokens": 1}\nCANARY\n\n2026-10-01 08:00:00 {"model": "m"}\n',
    b'ts=2026-10-01T08:00:00Z model=m input_tokens=1 output_tokens=1 msg="CANARY"\n\nlevel=info\n',
)


def seeds(more: Sequence[Path] = ()) -> list[bytes]:
    """The beginnings of all samples, some of them packed or in another encoding, and of the files below more folders."""
    found = [*SMALL]
    for folder in (SAMPLES, *more):
        files = sorted(file for file in folder.rglob("*") if file.suffix in _ENDINGS and file.name not in _OURS)
        found += [_beginning(file.read_bytes()) for file in files]
    found = [seed for seed in found if len(seed) <= LARGEST]
    found += [_page(seed) for seed in found[::20] if seed.startswith(b"{")]
    return [*found, *_otherwise(found[:: max(1, len(found) // 40)])]


def _beginning(content: bytes) -> bytes:
    """As many whole lines as fit; a text that is one record stays one where that is possible."""
    if len(content) <= LARGEST or content.lstrip()[:1] == b"[" or b"\n" not in content[:LARGEST]:
        return content
    return content[: content.rindex(b"\n", 0, LARGEST) + 1]


def _otherwise(found: Sequence[bytes]) -> Iterator[bytes]:
    packings = (gzip.compress, bz2.compress, lzma.compress, zipped)
    for number, seed in enumerate(found):
        yield packings[number % len(packings)](seed)
    for seed in found[::4]:
        text = seed.decode(errors="replace")
        yield b"\xef\xbb\xbf" + seed
        yield text.encode("utf-16")
        yield text[:2000].encode("utf-32")
        yield seed.replace(b"\n", b"\r\n")


def _page(seed: bytes) -> bytes:
    """Its lines as pages of an API, the first within more than the others."""
    first, *others = seed.split(b"\n")
    return b'{"data": {"rows": [%s]}}\n{"data": {"n": 1, "rows": [%s]}, "next": null}' % (
        first,
        b",".join(filter(None, others)),
    )


def zipped(*contents: bytes) -> bytes:
    """An archive with a member for each content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(zipfile.ZipInfo(f"{number}.jsonl"), content)
    return out.getvalue()
