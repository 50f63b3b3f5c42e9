"""A request to end that comes while modules are imported: those of C would abort, or hide it behind an error."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support import surroundings

SLOW = """
import time
print("begun", flush=True)
for _ in range(20):
    time.sleep(0.02)
print("whole", flush=True)
"""
CODE = """
import sys
from analyzer.cli import stopping
stopping.heed()
try:
    import slow
    while True:
        pass
except KeyboardInterrupt:
    print("stopped", flush=True)
sys.exit(stopping.exit_code())
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no timers that interrupt")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_import_is_ended_first(number: int, code: int, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    with subprocess.Popen(
        (sys.executable, "-c", CODE), cwd=tmp_path, env=surroundings(), stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        running.send_signal(number)
        rest, _ = running.communicate(timeout=60)
    assert (rest, running.returncode) == ("whole\nstopped\n", code)
