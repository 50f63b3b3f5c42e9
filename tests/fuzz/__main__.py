"""``python -m tests.fuzz --seconds 60 --seed 1``: mutants of the sample logs; ends with 1 when one breaks a law.

With atheris (``pip install -e '.[fuzz]'``) inputs that reach new lines of the program's Python are mutated further.
Without it the same mutants are tried in turn, and what is told to be new is less.
"""

import argparse
import contextlib
import hashlib
import logging
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

try:
    import atheris
except ImportError:
    atheris = None

with atheris.instrument_imports(include=["analyzer"]) if atheris else contextlib.nullcontext():
    from tests.fuzz.trial import Trial

from tests.fuzz.mutate import mutate
from tests.fuzz.seeds import LARGEST, seeds


def main() -> int:
    """Fuzz; 0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Mutated logs through the whole ingest.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--inputs", type=int, help="no more than so many, without atheris: the same ones every time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=Path, action="append", default=[], help="more logs to begin with")
    parser.add_argument("--corpus", type=Path, help="where inputs that reach new lines are kept, and taken from")
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"), help="where inputs that break a law are kept")
    parser.add_argument("--plain", action="store_true", help="without atheris, even where it is there")
    parser.add_argument("--replay", type=Path, nargs="+", help="try these files once, each alone")
    asked = parser.parse_args()
    with Trial(asked.found, asked.seed) as trial:
        if asked.replay:
            for file in (
                one for path in asked.replay for one in (sorted(path.rglob("*")) if path.is_dir() else [path])
            ):
                if file.is_file() and file.name != "what.txt":
                    trial.run(file.read_bytes(), deep=True)
            return told(trial, 0)
        begin = seeds(asked.seeds)
        print(f"{len(begin)} seeds, seed {asked.seed}, {asked.seconds:.0f} s; inputs lie in {trial.folder}", flush=True)
        if atheris is None or asked.plain:
            print("without atheris: mutants of the seeds, not led by what they reach", flush=True)
            return plainly(trial, begin, asked.seconds, asked.inputs or sys.maxsize, asked.seed)
        led(trial, begin, asked)
    return 0


def plainly(trial: Trial, begin: list[bytes], seconds: float, most: int, seed: int) -> int:
    """Mutants of the seeds and of each other, in turn."""
    dice, until = random.Random(seed), time.monotonic() + seconds
    pool = [*begin]
    for data in begin:
        trial.run(data)
    while time.monotonic() < until and trial.executions < most:
        data = mutate(dice.choice(pool), dice, begin)
        trial.run(data)
        if dice.random() < 0.05 and len(data) <= LARGEST:
            pool[dice.randrange(len(begin), len(pool) + 1) - 1 if len(pool) > 4000 else len(pool) :] = [data]
    trial.flush()
    return told(trial, seconds)


def led(trial: Trial, begin: Sequence[bytes], asked: argparse.Namespace) -> None:
    """Mutants that libFuzzer chooses by what they reached. Never returns."""
    corpus = asked.corpus or trial.folder / "corpus"
    for folder in (corpus, asked.found):
        folder.mkdir(parents=True, exist_ok=True)
    for data in begin:
        (corpus / hashlib.blake2b(data, digest_size=8).hexdigest()).write_bytes(data)
    until = time.monotonic() + asked.seconds

    def one(data: bytes) -> None:
        trial.run(data)
        if time.monotonic() > until:
            trial.flush()
            code = told(trial, asked.seconds)
            trial.__exit__(None, None, None)
            sys.stdout.flush()
            os._exit(code)

    def mutant(data: bytes, most: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if dice.random() < 0.15:
            return bytes(atheris.Mutate(data, most))
        return mutate(data, dice, begin)[:most]

    logging.disable()
    words = [
        f"-seed={asked.seed}",
        f"-max_len={2 * LARGEST}",
        "-timeout=600",
        "-report_slow_units=600",
        f"-artifact_prefix={asked.found}/",
        "-rss_limit_mb=8192",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *words, str(corpus)], one, custom_mutator=mutant)
    atheris.Fuzz()


def told(trial: Trial, seconds: float) -> int:
    """Print what was tried and found; the exit code."""
    rate = f", {trial.executions / seconds:.0f} a second" if seconds else ""
    print(f"\n{trial.executions} inputs{rate}; {trial.loaded} logs in {trial.loads} loads")
    print(f"records: {dict(trial.ended)}")
    print(f"formats with a request: {sum(count > 0 for count in trial.with_requests.values())} of them")
    print(f"refused: {sum(trial.errors.values())} logs")
    for kind, count in trial.findings.most_common():
        print(f"FOUND {count} x {kind}\n      {trial.examples[kind][0]}")
    print("nothing found" if not trial.findings else f"{len(trial.findings)} kinds of findings")
    return int(bool(trial.findings))


if __name__ == "__main__":
    sys.exit(main())
