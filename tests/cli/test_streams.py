"""What goes to which stream, in which letters, and what ends one early."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from support import LATER, Ended, call, command, program, spend, surroundings, told, write

pytestmark = pytest.mark.usefixtures("good")


@pytest.mark.endurance
def test_a_reader_that_goes_away_is_no_error(good: Path) -> None:
    """As ``head`` does."""
    for reads in (0, 1):
        with subprocess.Popen(
            command("analyze", good, "--no-report"),
            cwd=good.parent,
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            assert [running.stdout.readline().startswith(b"Spent $") for _ in range(reads)] == [True] * reads
            running.stdout.close()
            assert running.stderr.read() == b""
        assert running.returncode == 0


@pytest.mark.endurance
def test_json_is_one_document_and_nothing_else(tmp_path: Path) -> None:
    """Reports are written all the same, and what there is to say stands on standard error."""
    write(tmp_path / "bad.jsonl", call(ts=LATER), call(input_tokens=-1))

    run = program("analyze", ".", "--json", cwd=tmp_path)

    assert run.document["schema"] == "spend.analyze/1"
    assert run.out.endswith("}\n")
    assert "rejected: bad.jsonl, record 2" in run.err
    assert (tmp_path / "spend-report.html").is_file()


@pytest.mark.endurance
def test_quiet_says_errors_only(tmp_path: Path) -> None:
    cut = write(tmp_path / "cut.jsonl", call(ts=LATER))
    cut.write_text(cut.read_text() + '{"ts": "2026', encoding="utf-8")
    (tmp_path / "empty.jsonl").touch()

    loud, quiet = (spend("analyze", ".", "missing.jsonl", "--no-report", *more) for more in ((), ("--quiet",)))

    assert quiet.out == loud.out
    assert loud.err.count("spend: note: ") == 2
    assert quiet.err == "spend: missing.jsonl: no such file\n  check the path\n"


def test_standard_input(good: Path) -> None:
    options = ("--no-report", "--json", "--scenario", "all-flash")
    piped = program("analyze", "-", *options, cwd=good.parent, stdin=good.read_text())

    assert (piped.code, piped.err) == (0, "")
    assert piped.out == spend("analyze", good, *options).out


@pytest.mark.endurance
def test_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """Whatever the zone, the language and the order of hashes; and again from the same process."""
    write(
        tmp_path / "more.jsonl",
        *(
            call(id=f"m{number}", endpoint=f"/é/{number % 5}", ts=f"2026-08-{number:02}T23:30:00Z")
            for number in range(1, 29)
        ),
    )
    places = (
        {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Lima", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
    )

    for options in (("--json",), ()):
        here = [
            program("analyze", "good.jsonl", "more.jsonl", "--no-report", *options, cwd=tmp_path, environment=place)
            for place in places
        ]
        again = spend("analyze", "good.jsonl", "more.jsonl", "--no-report", *options)

        assert {run.code for run in here} == {0}
        assert here[0].out == here[1].out == again.out
        assert {run.err for run in here} == {""}


@pytest.mark.skipif(os.name == "nt", reason="a shell that closes it is needed")
def test_closed_standard_output_is_no_fault(good: Path) -> None:
    run = subprocess.run(
        ("sh", "-c", 'exec "$@" >&-', "sh", *command("formats", good)), capture_output=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, b"")


@pytest.mark.endurance
def test_ctrl_c_leaves_the_ledger_usable(good: Path, tmp_path: Path) -> None:
    """What was read before is there whole, the log that was being read not at all."""
    assert spend("ingest", good).code == 0
    big, spool = tmp_path / "big.jsonl", tmp_path / "spool"
    big.write_text(good.read_text() * 400_000, encoding="utf-8")
    spool.mkdir()

    with subprocess.Popen(
        command("ingest", big),
        cwd=tmp_path,
        env=surroundings({"TMPDIR": str(spool)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while running.poll() is None and not any(spool.iterdir()):  # until it begins to read
            time.sleep(0.01)
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)

    # On a terminal the line with ^C is ended first.
    ((said, _),) = told(Ended(running.returncode, out, err.lstrip("\n")))
    assert said.startswith("interrupted")
    assert (running.returncode, out) == (130, "")
    big.unlink()
    write(tmp_path / "next.jsonl", call(ts=LATER))
    counts = spend("ingest", "next.jsonl", "--json").document["ledger"]
    assert (counts["sources"], counts["records"], counts["requests"]) == (2, 2, 2)


@pytest.mark.endurance
@pytest.mark.parametrize("place", ["a pipe that nobody reads", "/dev/full"])
def test_what_nobody_can_be_told_stops_no_work(place: str, tmp_path: Path) -> None:
    """As with ``2>&1 | head``: the report was not written, and the exit code was that of success."""
    write(tmp_path / "bad.jsonl", call(ts=LATER), call(input_tokens=-1))
    if place.startswith("/"):
        if not Path(place).exists():
            pytest.skip("no /dev/full here")
        unheard = os.open(place, os.O_WRONLY)
    else:
        reader, unheard = os.pipe()
        os.close(reader)
    done = subprocess.run(
        command("analyze", "good.jsonl", "bad.jsonl", "--scenario", "all-flash"),
        cwd=tmp_path, env=surroundings(), stdout=subprocess.PIPE, stderr=unheard, check=False,
    )  # fmt: skip
    os.close(unheard)
    assert done.returncode == 0
    assert done.stdout.startswith(b"Spent $")
    assert (tmp_path / "spend-report.html").is_file()


@pytest.mark.endurance
def test_letters_that_an_encoding_lacks_are_spelled_out(tmp_path: Path) -> None:
    """In JSON as JSON does it, beyond 16 bits as well."""
    write(tmp_path / "good.jsonl", call(endpoint="/é→\U0001f600"))
    with subprocess.Popen(
        command("analyze", "good.jsonl", "--no-report", "--json"),
        cwd=tmp_path,
        env=surroundings({"PYTHONIOENCODING": "latin-1"}),
        stdout=subprocess.PIPE,
    ) as running:
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert json.loads(out.decode("latin-1"))["endpoints"][0]["endpoint"] == "/é→\U0001f600"


@pytest.mark.endurance
def test_a_name_that_the_locale_cannot_write_is_said(tmp_path: Path) -> None:
    run = program(
        "analyze", "ü.jsonl", cwd=tmp_path,
        environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert (run.code in {1, 2}, run.out) == (True, "")  # by the machine, it is no name, or that of no file
    assert all(line.startswith(("spend: ", "  ")) for line in run.err.splitlines())
