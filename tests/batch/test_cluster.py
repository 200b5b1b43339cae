"""A real Dask cluster of two worker processes on loopback."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sepconv_cli.batch.cluster import Cluster
from sepconv_cli.batch.job import Job
from sepconv_cli.batch.run import count_all
from sepconv_cli.errors import UsageError
from tests.batch.examples import JOB, deadly, folder_of, macs, request, slow, spec, table
from tests.conftest import Sepconv


@pytest.fixture(scope="module", name="cluster")
def _cluster() -> Iterator[Any]:
    """A piece is given up with its first worker, so that the tests needn't wait for others."""
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=":0",
            silence_logs=50,
        ) as cluster,
    ):
        yield cluster


def standard(file: Path) -> list[int | None]:
    return [row["count"] for row in table(file) if row["variant"] in ("standard", None)]


def test_the_same_table_as_locally(
    tmp_path: Path, cluster: Any, sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder_of(tmp_path / "nets", 30)
    Path("nets/0004.yaml").write_text("what?")
    command = ("batch", "nets", "--keep-going", "--no-cache")
    address = cluster.scheduler_address
    assert sepconv(*command, "-o", "dask.parquet", "--dask", address).code == 0
    assert sepconv(*command, "-o", "local.parquet").code == 0
    assert table(Path("dask.parquet")) == table(Path("local.parquet"))
    Path("scheduler.json").write_text(f'{{"address": "{address}"}}')
    assert sepconv(*command, "-o", "file.parquet", "--dask", "scheduler.json").code == 0
    assert table(Path("file.parquet")) == table(Path("local.parquet"))


def test_a_worker_killed_in_the_middle_costs_nothing(
    tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sepconv_cli.batch.deal.MOST_DOCUMENTS", 3)
    nets = folder_of(tmp_path / "nets", 60)
    crew = Cluster(JOB, cluster.scheduler_address, slow)
    killed = []

    def kill() -> None:
        worker = next(iter(cluster.workers.values()))
        killed.append(worker.pid)
        os.kill(worker.pid, signal.SIGKILL)

    timer = threading.Timer(0.6, kill)
    timer.start()
    summary = count_all(request(nets, tmp_path / "costs.jsonl"), crew)
    timer.join()
    assert len(killed) == 1
    assert (summary.specs, summary.failed) == (60, 0)
    assert standard(tmp_path / "costs.jsonl") == [macs(number) for number in range(1, 61)]


def test_workers_of_another_version_are_refused(tmp_path: Path, cluster: Any) -> None:
    nets = folder_of(tmp_path / "nets", 2)
    job = Job(program="another")
    crew = Cluster(job, cluster.scheduler_address)
    with pytest.raises(UsageError, match="has another version of sepconv"):
        count_all(request(nets, tmp_path / "costs.jsonl", job=job), crew)


def test_a_poisonous_spec_is_a_row(tmp_path: Path, cluster: Any) -> None:
    nets = folder_of(tmp_path / "nets", 8)
    (nets / "0007.yaml").write_text("# poison\n" + spec(7))
    crew = Cluster(JOB, cluster.scheduler_address, deadly)
    summary = count_all(request(nets, tmp_path / "costs.jsonl"), crew)
    assert (summary.specs, summary.failed) == (8, 1)
    assert standard(tmp_path / "costs.jsonl") == [
        None if number == 7 else macs(number) for number in range(1, 9)
    ]
    (row,) = [row for row in table(tmp_path / "costs.jsonl") if row["status"] == "error"]
    assert (row["source"], row["code"]) == (str(nets / "0007.yaml"), "crash")


def test_a_cluster_that_goes_away_is_told(tmp_path: Path) -> None:
    from distributed import LocalCluster

    nets = folder_of(tmp_path / "nets", 40)
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0", silence_logs=50
    ) as cluster:
        crew = Cluster(JOB, cluster.scheduler_address, forever)
        timer = threading.Timer(0.5, cluster.close)
        timer.start()
        with pytest.raises(UsageError, match="the cluster at tcp://127"):
            count_all(request(nets, tmp_path / "costs.jsonl"), crew)
        timer.join()


def test_a_cluster_without_workers_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr("sepconv_cli.batch.dispatch.WATCH_SECONDS", 0.1)
    monkeypatch.setattr("sepconv_cli.batch.cluster.PATIENCE_SECONDS", 0.5)
    nets = folder_of(tmp_path / "nets", 2)
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=0, host="127.0.0.1", dashboard_address=":0", silence_logs=50
    ) as cluster:
        crew = Cluster(JOB, cluster.scheduler_address)
        with pytest.raises(UsageError, match="no workers for"):
            count_all(request(nets, tmp_path / "costs.jsonl"), crew)


def forever(*_: object) -> list[bytes]:
    threading.Event().wait(20)
    return []


@pytest.mark.parametrize("scheduler", ["nowhere", "file"])
def test_what_is_no_address_lets_the_process_end(tmp_path: Path, scheduler: str) -> None:
    """A client that was never made would wait in its destructor for ever."""
    (tmp_path / "net.yaml").write_text("input: [1, 1]\nlayers: [relu]\n")
    (tmp_path / "file").write_text('{"address": "nowhere"}')
    done = subprocess.run(
        [sys.executable, "-m", "sepconv_cli", "batch", "net.yaml", "--dask", scheduler],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 2
    assert f"--dask {scheduler}: can't be reached: " in done.stderr
