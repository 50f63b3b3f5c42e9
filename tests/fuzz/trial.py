"""Trying inputs: each by the Python half of the program at once, and by all of it when enough have come together."""

import faulthandler
import hashlib
import os
import shutil
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from types import TracebackType

import duckdb

from analyzer.errors import SpendError
from analyzer.ingest.discovery import Found
from analyzer.ingest.format import formats, named
from analyzer.ingest.load import Manner, Outcome, load
from analyzer.ledger import Ledger
from tests.fuzz.laws import BrokenLawError, Look, law, look, settled

_TOGETHER = 24  # logs that are loaded at once
_SECONDS = 20.0  # of computing, for one load; it takes a tenth of a second
_KEPT = 3  # inputs of each kind of finding
_AGAIN = 300  # loads with one ledger
_HANGING = 300  # seconds after which a load is taken to hang: the process ends then, and says where it was
NEIGHBOUR = "".join(
    f'{{"ts": "2026-10-01T08:0{number}:00Z", "model": "neighbour", "request_id": "neighbour-{number}", '
    f'"input_tokens": 10, "output_tokens": {number}}}\n'
    for number in range(3)
).encode()


class Trial:
    """A folder, a throwaway ledger, what was tried, and what was found."""

    def __init__(self, found: Path, seed: int) -> None:
        self.found_in = found
        self.executions = self.loads = self.loaded = self.alone = 0
        self.findings: Counter[str] = Counter()
        self.examples: dict[str, list[Path]] = {}
        self.ended: Counter[str] = Counter()
        self.with_requests: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self._dice = Random(seed)
        memory = Path("/dev/shm")
        self._room = tempfile.TemporaryDirectory(
            prefix="spend-fuzz-", dir=memory if os.access(memory, os.W_OK) else None
        )
        self.folder = Path(self._room.name)
        (self.folder / "spool").mkdir()
        self._waiting: dict[str, dict[Path, list[Look]]] = {}  # by format: those are read in one statement
        self._ledger: Ledger | None = None
        self._path = self.folder / "l.duckdb"

    def __enter__(self) -> "Trial":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()
        self._room.cleanup()

    def run(self, data: bytes, *, deep: bool = False) -> None:
        """Try one input. What breaks a law, or is no error of the program's own, is written down."""
        self.executions += 1
        faulthandler.dump_traceback_later(_HANGING, exit=True)
        name = hashlib.blake2b(data, digest_size=8).hexdigest()
        file = self.folder / name
        if file.exists():
            return
        file.write_bytes(data)
        began = time.process_time()
        try:
            seen = look(file, self.folder / "spool")
            law(time.process_time() - began < _SECONDS, "it takes too long to look at")
        except Exception as error:  # noqa: BLE001  (that is what is looked for)
            self._note(error, {name: data})
            file.unlink()
            return
        self.errors.update(seen.errors)
        whole = all(one.sound for one in seen.looks)
        # A broken log is read alone, which takes twenty times as long.
        if deep or (seen.looks and (whole or self._dice.random() < 0.12)):
            kind = "alone" if deep or not whole else seen.looks[0].form
            waiting = self._waiting.setdefault(kind, {})
            waiting[file] = seen.looks
            if kind == "alone" or len(waiting) >= _TOGETHER:
                self._flush(self._waiting.pop(kind))
        else:
            file.unlink()

    def flush(self) -> None:
        """Load all that waits, of several formats."""
        waiting = [*self._waiting.values()]
        self._waiting = {}
        for start in range(0, len(waiting), 8):
            self._flush({file: looks for logs in waiting[start : start + 8] for file, looks in logs.items()})

    def _flush(self, waiting: dict[Path, list[Look]]) -> None:
        """Load some logs; where that breaks a law, each by itself."""
        data = {file.name: file.read_bytes() for file in waiting}
        roll = self._dice.random()
        form = self._dice.choice(sorted(formats())) if roll < 0.1 else None
        problem = self._loaded(waiting, form)
        if problem is not None:
            alone = [(file, self._loaded({file: looks}, form)) for file, looks in waiting.items()]
            guilty = [(file, error) for file, error in alone if error is not None]
            for file, error in guilty:
                self._note(error, {file.name: data[file.name]}, form)
            if not guilty:
                self._note(problem, data, form)
        elif roll > 0.9 and form is None:
            for file in list(waiting)[:2]:
                self._grown(file, data[file.name])
        for file in waiting:
            file.unlink(missing_ok=True)

    def _loaded(self, logs: dict[Path, list[Look]], form: str | None) -> Exception | None:
        """Load logs into an empty ledger, beside one that is sound; what went wrong."""
        neighbour = self.folder / "neighbour.jsonl"
        neighbour.write_bytes(NEIGHBOUR)
        faulthandler.dump_traceback_later(_HANGING, exit=True)
        began = time.process_time()
        try:
            outcome = self._load([*logs, neighbour], form)
            looks = {one.path: one for several in logs.values() for one in several}
            assert self._ledger is not None
            ended = settled(self._ledger, outcome, looks, detected=form is None)
            beside = ended.get(str(neighbour))
            if form is None:
                law(beside is not None and beside[0] == 3, f"the log beside it ended as {beside}")
                law(beside is not None and beside[1] + beside[2] == 3, f"the log beside it ended as {beside}")
            law(time.process_time() - began < _SECONDS * max(1, len(logs)), "it takes too long to load")
        except Exception as error:  # noqa: BLE001
            self._close()
            return error
        self.loaded += len(ended)
        for loaded in outcome.loaded:
            self.with_requests[loaded.format] += loaded.requests > 0
        for path, (records, requests, duplicates, skipped, rejected, _) in ended.items():
            if path != str(neighbour):
                self.ended.update(
                    records=records, requests=requests, duplicates=duplicates, skipped=skipped, rejected=rejected
                )
        return None

    def _grown(self, file: Path, data: bytes) -> None:
        """A log that is read when it is half written, and again when it is whole, gives what the whole one gives."""
        if b"\n" not in data or not data.startswith(b"{"):
            return
        rows = "SELECT request_id, started_at, model, input_tokens, output_tokens FROM requests ORDER BY ALL"
        try:
            told = []
            forms = []
            for parts in ([data], [data[: self._dice.randrange(len(data))], data]):
                self._empty()
                for part in parts:
                    file.write_bytes(part)
                    outcome = self._load([file], None, keep=True)
                    forms += [loaded.format for loaded in outcome.loaded]
                assert self._ledger is not None
                told.append(self._ledger.connection.execute(rows).fetchall())
            law(len(set(forms)) > 1 or told[0] == told[1], f"grown: {len(told[1])} requests, whole: {len(told[0])}")
        except Exception as error:  # noqa: BLE001
            self._close()
            self._note(error, {file.name: data})

    def _load(self, files: list[Path], form: str | None, *, keep: bool = False) -> Outcome:
        if not keep:
            self._empty()
        assert self._ledger is not None
        self.loads += 1
        manner = Manner(named(form) if form else None)
        try:
            return load(self._ledger, [Found(str(file), named=True) for file in files], manner)
        except SpendError as error:
            raise BrokenLawError(f"a log is the ledger's trouble: {error}") from error

    def _empty(self) -> None:
        if self._ledger is not None and self.loads % _AGAIN == 0:
            self._close()
        if self._ledger is None:
            self._path.unlink(missing_ok=True)
            self._ledger = Ledger.open(self._path, create=True)
        self._ledger.connection.execute(
            "; ".join(
                f"DELETE FROM {table}" for table in ("requests", "copies", "rejected", "skipped", "sources", "seen")
            )
        )

    def _close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None
            for file in self.folder.glob("l.duckdb*"):
                file.unlink()

    def _note(self, error: Exception, inputs: dict[str, bytes], form: str | None = None) -> None:
        kind = signature(error)
        self.findings[kind] += 1
        if self.findings[kind] > _KEPT:
            return
        place = self.found_in / hashlib.blake2b(kind.encode(), digest_size=4).hexdigest()
        place.mkdir(parents=True, exist_ok=True)
        for name, data in inputs.items():
            (place / name).write_bytes(data)
        told = "".join(traceback.format_exception(error))
        with (place / "what.txt").open("a", encoding="utf-8", errors="backslashreplace") as out:
            out.write(f"{kind}\n{', '.join(inputs)[:500]} read as {form or 'what it is'}\n{told}\n\n")
        self.examples.setdefault(kind, []).append(place)
        shutil.rmtree(self.folder / "spool", ignore_errors=True)
        (self.folder / "spool").mkdir(exist_ok=True)


def signature(error: Exception) -> str:
    """What kind of finding it is: the error, and the line of the program, or the law, with all numbers left out."""
    if isinstance(error, (BrokenLawError, duckdb.Error)):
        words = str(error).splitlines()[0] if str(error) else ""
        return f"{type(error).__name__}: {''.join('#' if char.isdigit() else char for char in words)[:110]}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/analyzer/" in frame.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "?"
    return f"{type(error).__name__} in {where}"
