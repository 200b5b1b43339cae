"""Workers that die: nothing is lost, nothing comes twice, and the guilty spec is named."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sepconv_cli.batch import run as run_
from sepconv_cli.batch.dispatch import Dispatcher
from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job
from sepconv_cli.batch.outcome import OtherVersion, outcomes
from sepconv_cli.batch.processes import Processes
from sepconv_cli.batch.run import count_all
from sepconv_cli.errors import UsageError
from tests.batch.examples import (
    JOB,
    deadly,
    deadly_once,
    folder_of,
    macs,
    request,
    slow,
    spec,
    table,
)


def standard(file: Path) -> list[int | None]:
    return [row["count"] for row in table(file) if row["variant"] in ("standard", None)]


@pytest.mark.parametrize("poisoned", [(1,), (7,), (20,), (3, 4, 19)], ids=str)
def test_a_poisonous_spec_is_a_row_and_the_others_are_counted(
    tmp_path: Path, poisoned: tuple[int, ...]
) -> None:
    nets = folder_of(tmp_path / "nets", 20)
    for number in poisoned:
        (nets / f"{number:04}.yaml").write_text("# poison\n" + spec(number))
    summary = count_all(request(nets, tmp_path / "costs.jsonl"), Processes(JOB, 2, deadly))
    assert (summary.specs, summary.failed) == (20, len(poisoned))
    assert standard(tmp_path / "costs.jsonl") == [
        None if number in poisoned else macs(number) for number in range(1, 21)
    ]
    rows = [row for row in table(tmp_path / "costs.jsonl") if row["status"] == "error"]
    assert {(row["code"], row["message"]) for row in rows} == {
        ("crash", "it killed the process that counted it")
    }


def test_a_worker_that_is_killed_once_costs_nothing(tmp_path: Path) -> None:
    nets = folder_of(tmp_path / "nets", 20)
    (nets / "0005.yaml").write_text(spec(5, more=f"# once {tmp_path}/met\n"))
    (nets / "0006.yaml").write_text(spec(6, more=f"# once {tmp_path}/met too\n"))
    summary = count_all(request(nets, tmp_path / "costs.jsonl"), Processes(JOB, 2, deadly_once))
    assert (summary.specs, summary.failed) == (20, 0)
    assert standard(tmp_path / "costs.jsonl") == [macs(number) for number in range(1, 21)]
    assert (tmp_path / "met too").exists()


def test_workers_killed_from_outside_cost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they are at: a worker is killed every 50 ms or so."""
    monkeypatch.setattr("sepconv_cli.batch.deal.MOST_DOCUMENTS", 5)
    nets = folder_of(tmp_path / "nets", 60)
    pool = Processes(JOB, 2, slow)
    over = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        while not over.wait(0.15) and len(killed) < 5:
            for lane in pool.lanes:
                if lane.process is not None and lane.has_started and not lane.is_idle:
                    killed.append(lane.process.pid or 0)
                    os.kill(killed[-1], signal.SIGKILL)
                    break

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        summary = count_all(request(nets, tmp_path / "costs.jsonl"), pool)
    finally:
        over.set()
        killer.join()
    assert len(killed) >= 3
    assert (summary.specs, summary.failed) == (60, 0)
    assert standard(tmp_path / "costs.jsonl") == [macs(number) for number in range(1, 61)]


def test_workers_that_never_start_are_not_the_specs_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sepconv_cli.batch.processes._work", _fail)
    nets = folder_of(tmp_path / "nets", 3)
    with pytest.raises(UsageError, match="no worker could be started"):
        count_all(request(nets, tmp_path / "costs.jsonl"))
    assert not (tmp_path / "costs.jsonl").exists()


def _fail(*_: object) -> None:
    os._exit(3)


def test_another_version_of_the_program_is_refused(tmp_path: Path) -> None:
    nets = folder_of(tmp_path / "nets", 3)
    job = Job(program="another")
    with pytest.raises(OtherVersion):
        count_all(request(nets, tmp_path / "costs.jsonl", job=job), Processes(job, 1))


def test_no_more_is_read_than_there_is_room_for() -> None:
    """One task for each worker and one that is ready, however many there are."""
    read = 0
    held = []

    def tasks() -> Iterator[tuple[int, tuple[Document, ...]]]:
        nonlocal read
        for number in range(40):
            read += 1
            yield number, (Document("x", 1, spec(1).encode()),)

    pool = Processes(JOB, 2, outcomes)
    done = 0
    try:
        for _ in Dispatcher(pool, b"").run(tasks()):
            done += 1
            held.append(read - done)
    finally:
        pool.close()
    assert done == 40
    # Those that were done while the last one was waited for come on top.
    assert max(held) <= 2 * 2 + 1


def test_pieces_come_back_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that was cut is put together again, however its pieces end."""
    monkeypatch.setattr(run_, "_crew", lambda request: Processes(request.job, 3, deadly))
    nets = folder_of(tmp_path / "nets", 30)
    (nets / "0012.yaml").write_text("# poison")
    count_all(request(nets, tmp_path / "costs.csv"))
    sources = [row["source"] for row in table(tmp_path / "costs.csv")]
    assert sources == sorted(sources)
    assert len(sources) == 29 * 4 + 1


def test_closing_a_pool_does_not_wait_for_its_work() -> None:
    pool = Processes(JOB, 1, slow)
    start = time.monotonic()
    future = pool.submit([Document("x", 1, b"")])
    future.result()
    many = [Document("x", 1, b"")]
    pool.submit(many)
    pool.close()
    assert time.monotonic() - start < 5
