"""A real Spark cluster of processes on this machine: a standalone master, two workers and a Spark Connect server.

From the package ``pyspark`` alone, on the Java that is installed. Everything listens on 127.0.0.1 and is ended by its own
process id. Run as a module it starts one and prints its address, until it is interrupted.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

_HERE = "127.0.0.1"
_PATIENCE = 120.0  # seconds
_LEAN = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"  # six JVMs share two cores
_EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend"
_CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


@dataclass
class Cluster:
    """A running cluster.

    Attributes:
        address: what ``--engine`` takes.
        folder: its logs and scratch files.
        processes: by name, as they were started.
    """

    address: str
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def executors(self) -> list[int]:
        """The process ids of its executors, which the workers started."""
        workers = {process.pid for name, process in self.processes.items() if name.startswith("worker")}
        return sorted(pid for pid, parent, words in _running() if parent in workers and _EXECUTOR in words)

    def everyone(self) -> list[int]:
        """The process ids of all that belongs to it."""
        found = {process.pid for process in self.processes.values()}
        before: set[int] = set()
        while found != before:
            before = set(found)
            found |= {pid for pid, parent, _ in _running() if parent in found}
        return sorted(found)


def home() -> Path | None:
    """Where the package ``pyspark`` is, with Spark's own files in it; None where there is none, or only the client."""
    named = os.environ.get("SPARK_HOME")
    if named:
        return Path(named)
    found = find_spec("pyspark")
    folder = Path(found.origin).parent if found and found.origin else None
    return folder if folder and (folder / "jars").is_dir() else None


def missing() -> str | None:
    """Why no cluster can be started and spoken to here; None where it can."""
    if find_spec("pyspark") is None:
        return "the extra `spark` is not installed"
    if shutil.which("java") is None:
        return "no Java here (Debian: default-jre-headless)"
    if home() is None:
        return (
            "Spark itself is not installed here; name it with SPARK_HOME (PyPI: pyspark, in an environment of its own)"
        )
    return None


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Cluster]:
    """A cluster, until the context ends."""
    spark = home()
    assert spark is not None
    master, connect = _free_port(), _free_port()
    cluster = Cluster(f"sc://{_HERE}:{connect}", folder)
    words = {
        "master": ["org.apache.spark.deploy.master.Master", "--host", _HERE, "--port", str(master), "--webui-port", "0"],
        **{
            f"worker-{number}": [
                "org.apache.spark.deploy.worker.Worker", "--host", _HERE, "--webui-port", "0", "--cores", "1",
                "--memory", "1g", "--work-dir", str(folder / f"worker-{number}"), f"spark://{_HERE}:{master}",
            ]
            for number in (1, 2)
        },
    }  # fmt: skip
    try:
        for name, command in words.items():
            _start(cluster, name, [str(spark / "bin" / "spark-class"), *command], {"SPARK_DAEMON_MEMORY": "256m"})
            if name == "master":
                _wait(cluster, name, master)
        settings = {
            "spark.connect.grpc.binding.address": _HERE,
            "spark.connect.grpc.binding.port": str(connect),
            "spark.driver.host": _HERE,
            "spark.driver.bindAddress": _HERE,
            "spark.driver.extraJavaOptions": _LEAN,
            "spark.executor.extraJavaOptions": _LEAN,
            "spark.executor.memory": "512m",
            "spark.executor.cores": "1",
            "spark.driver.memory": "1g",
            "spark.sql.shuffle.partitions": "2",
            # Small tables would be computed with while a query is planned, row by row, in the one process that plans.
            "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation",
            "spark.ui.enabled": "false",
            "spark.local.dir": str(folder / "scratch"),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
        }
        options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        submit = [str(spark / "bin" / "spark-submit"), "--master", f"spark://{_HERE}:{master}", *options]
        _start(cluster, "connect", [*submit, "--class", _CONNECT, "spark-internal"], {})
        _wait(cluster, "connect", connect)
        yield cluster
    finally:
        _stop(cluster)


def _start(cluster: Cluster, name: str, words: list[str], more: Mapping[str, str]) -> None:
    own = {
        **os.environ,
        "SPARK_HOME": str(home()),
        "SPARK_LOCAL_IP": _HERE,
        "SPARK_LOCAL_HOSTNAME": _HERE,
        "SPARK_PUBLIC_DNS": _HERE,
        "SPARK_DAEMON_JAVA_OPTS": _LEAN,
        **more,
    }
    with (cluster.folder / f"{name}.log").open("wb") as log:
        cluster.processes[name] = subprocess.Popen(
            words, env=own, cwd=cluster.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )


def _wait(cluster: Cluster, name: str, port: int) -> None:
    """Until something answers at a port of a process."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if cluster.processes[name].poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection((_HERE, port), timeout=1):
            return
        time.sleep(0.2)
    log = (cluster.folder / f"{name}.log").read_text(errors="replace")
    raise RuntimeError(f"{name} does not answer:\n{log[-2000:]}")


def _stop(cluster: Cluster) -> None:
    """End all that was started, each in its own session with what it started, the last first."""
    for process in reversed(cluster.processes.values()):
        for mark in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, mark)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
                break


def _free_port() -> int:
    with socket.create_server((_HERE, 0)) as taken:
        return int(taken.getsockname()[1])


def _running() -> list[tuple[int, int, str]]:
    """Processes: their ids, their parents' and their command lines."""
    listed = subprocess.run(["ps", "-ewwo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    split = (line.split(None, 2) for line in listed.splitlines())
    return [(int(pid), int(parent), words) for pid, parent, words in split]


if __name__ == "__main__":
    import tempfile

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with tempfile.TemporaryDirectory(prefix="spend-cluster-") as made, started(Path(made)) as running:
        print(running.address, flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
