"""Runs that are stopped, however that happens, and go on."""

import contextlib
import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sepconv_cli.batch.dispatch import shielded
from sepconv_cli.batch.run import count_all
from sepconv_cli.errors import UsageError
from tests.batch.examples import JOB, folder_of, macs, request, spec, table
from tests.batch.inline import Inline

ROOT = Path(__file__).parents[2]
SIZES = ",".join(str(size) for size in range(8, 16))


@pytest.fixture(name="nets")
def _nets(tmp_path: Path) -> Path:
    """About two seconds of work for one worker, in a dozen chunks."""
    return folder_of(tmp_path / "nets", 400)


def process(folder: Path, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "sepconv_cli", "batch", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")},
        start_new_session=True,
    )


def kept(store: Path) -> int:
    """How many specs a run has counted, read while it lasts: its log says so, and it is locked."""
    copy = store.with_name("copy")
    for ending in ("", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            copy.with_name(f"copy{ending}").write_bytes(
                store.with_name(f"{store.name}{ending}").read_bytes()
            )
    try:
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM outcomes").fetchone()
            return int(count)
    except sqlite3.Error:  # copied while it was written
        return 0
    finally:
        for path in copy.parent.glob("copy*"):
            path.unlink()


def stopped(folder: Path, how: signal.Signals, *arguments: object) -> tuple[int, str]:
    """A run that is sent a signal when it has counted some specs."""
    child = process(folder, *arguments)
    while kept(folder / "costs.parquet.partial") < 20 and child.poll() is None:
        time.sleep(0.005)
    assert child.poll() is None, child.communicate()
    if how == signal.SIGINT:
        os.killpg(child.pid, how)  # as a terminal does
    else:
        child.send_signal(how)
    _, err = child.communicate(timeout=30)
    return child.returncode, err


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "ctrl-c"])
def test_a_stopped_run_goes_on(tmp_path: Path, nets: Path, how: signal.Signals) -> None:
    command = (nets, "--set", f"size={SIZES}", "-o", "costs.parquet")
    code, err = stopped(tmp_path, how, *command)
    assert code == (130 if how == signal.SIGINT else -signal.SIGKILL)
    if how == signal.SIGINT:  # of the dead, only Python's own tracker has something to say
        assert err == "hint: what has been counted is kept: --resume goes on from there\n"
    assert not (tmp_path / "costs.parquet").exists()
    before = kept(tmp_path / "costs.parquet.partial")
    child = process(tmp_path, *command, "--resume", "-f", "json", "--no-cache")
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, "")
    assert before >= 20
    assert json.loads(out)["counted"] == 400 - before
    process(tmp_path, *command[:-1], "whole.parquet").communicate()
    assert table(tmp_path / "costs.parquet") == table(tmp_path / "whole.parquet")
    assert len(table(tmp_path / "whole.parquet")) == 400 * 8 * 4
    assert not list(tmp_path.glob("costs.parquet.*"))


def test_an_interrupt_never_leaves_a_lock_shut(tmp_path: Path, nets: Path) -> None:
    """A Ctrl-C at any moment, also a second one, ends the run, and at once."""
    for delay in (0.3, 0.45, 0.5, 0.55, 0.6, 0.7):
        child = process(tmp_path, nets, "--set", f"size={SIZES}", "-o", "costs.parquet")
        time.sleep(delay)
        for _ in range(2):
            os.killpg(child.pid, signal.SIGINT)
            time.sleep(0.02)
        child.communicate(timeout=10)
        assert child.returncode in (130, -signal.SIGINT, 1), delay


def test_a_block_is_finished_before_it_is_interrupted() -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with shielded():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            steps.append("finished")
        steps.append("not reached")
    assert steps == ["finished"]


def test_workers_go_when_their_parent_is_killed(tmp_path: Path, nets: Path) -> None:
    import psutil

    child = process(tmp_path, nets, "--set", f"size={SIZES}", "-o", "costs.parquet")
    while not kept(tmp_path / "costs.parquet.partial"):
        time.sleep(0.005)
    family = psutil.Process(child.pid).children(recursive=True)
    child.kill()
    child.communicate()
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert len(gone) >= 2
    assert alive == []


def interrupted(tmp_path: Path, nets: Path) -> Path:
    """A run that stopped after three times five specs; where its store is."""

    class Stopping(Inline):
        def submit(self, documents):  # type: ignore[no-untyped-def]
            if len(self.submitted) == 4:
                raise KeyboardInterrupt
            return super().submit(documents)

    with pytest.raises(KeyboardInterrupt):
        count_all(request(nets, tmp_path / "costs.csv"), Stopping(JOB))
    return tmp_path / "costs.csv.partial"


@pytest.fixture(name="small_chunks")
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sepconv_cli.batch.deal.MOST_DOCUMENTS", 5)


def standard(output: Path) -> list[int]:
    return [int(row["count"]) for row in table(output) if row["variant"] == "standard"]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("resume", [True, False])
def test_only_a_run_that_goes_on_looks_at_what_was_there(tmp_path: Path, resume: bool) -> None:
    nets = folder_of(tmp_path / "nets", 30)
    store = interrupted(tmp_path, nets)
    crew = Inline(JOB)
    count_all(request(nets, tmp_path / "costs.csv", resume=resume, use_cache=False), crew)
    assert sum(crew.submitted) == (15 if resume else 30)
    assert standard(tmp_path / "costs.csv") == [macs(number) for number in range(1, 31)]
    assert not store.exists()


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("column", ["outcome", "checksum", "name"])
def test_a_damaged_outcome_is_counted_again(tmp_path: Path, column: str) -> None:
    """One bit of the seventh spec's."""
    nets = folder_of(tmp_path / "nets", 30)
    with contextlib.closing(sqlite3.connect(interrupted(tmp_path, nets))) as store, store:
        (raw,) = store.execute(f"SELECT {column} FROM outcomes WHERE rowid = 7").fetchone()
        flipped = bytes([*raw[:-1], raw[-1] ^ 1])
        store.execute(f"UPDATE outcomes SET {column} = ? WHERE rowid = 7", (flipped,))
    crew = Inline(JOB)
    count_all(request(nets, tmp_path / "costs.csv", resume=True, use_cache=False), crew)
    assert sum(crew.submitted) == 30 - 15 + 1
    assert standard(tmp_path / "costs.csv") == [macs(number) for number in range(1, 31)]


DAMAGES = [
    pytest.param(lambda raw: b"not a database" * 500, id="no store"),
    pytest.param(lambda raw: raw[: len(raw) // 2], id="cut short"),
    pytest.param(lambda raw: raw[:4096] + bytes(4096) + raw[8192:], id="a page of zeros"),
]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_told_and_the_old_output_stays(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    nets = folder_of(tmp_path / "nets", 30)
    output = tmp_path / "costs.csv"
    output.write_text("of an earlier run")
    store = interrupted(tmp_path, nets)
    store.write_bytes(damage(store.read_bytes()))
    with pytest.raises(UsageError) as error:
        count_all(request(nets, output, resume=True, use_cache=False), Inline(JOB))
    (problem,) = error.value.problems
    assert problem.message.startswith(f"{store} is damaged: ")
    assert problem.hint == "without --resume the run begins anew"
    assert output.read_text() == "of an earlier run"
    count_all(request(nets, output, use_cache=False), Inline(JOB))
    assert standard(output) == [macs(number) for number in range(1, 31)]


@pytest.mark.usefixtures("small_chunks")
def test_what_changed_while_a_run_was_stopped_is_counted_anew(tmp_path: Path) -> None:
    nets = folder_of(tmp_path / "nets", 30)
    interrupted(tmp_path, nets)
    (nets / "0007.yaml").write_text(spec(70))
    crew = Inline(JOB)
    count_all(request(nets, tmp_path / "costs.csv", resume=True), crew)
    assert sum(crew.submitted) == 30 - 14
    assert standard(tmp_path / "costs.csv") == [
        macs(70 if number == 7 else number) for number in range(1, 31)
    ]


@pytest.mark.usefixtures("small_chunks")
def test_what_another_version_counted_is_not_used(tmp_path: Path) -> None:
    """Neither that of the run which was stopped, nor that of one which finished."""
    nets = folder_of(tmp_path / "nets", 30)
    interrupted(tmp_path, nets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sepconv_cli.batch.outcome.program_digest", lambda: "another")
        for resume, counted in ((True, 30), (False, 0)):
            job = replace(JOB, program="another")
            crew = Inline(job)
            count_all(request(nets, tmp_path / "costs.csv", job=job, resume=resume), crew)
            assert sum(crew.submitted) == counted
    crew = Inline(JOB)
    count_all(request(nets, tmp_path / "costs.csv"), crew)
    assert sum(crew.submitted) == 30


def test_the_store_goes_where_the_next_run_finds_it(tmp_path: Path) -> None:
    nets = folder_of(tmp_path / "nets", 3)
    count_all(request(nets, tmp_path / "costs.csv"), Inline(JOB))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "costs.csv", "nets"]
    (store,) = (tmp_path / "cache").rglob("*.sqlite")
    with contextlib.closing(sqlite3.connect(store)) as connection:
        assert connection.execute("SELECT count(*) FROM outcomes").fetchone() == (3,)
    assert [path.name for path in store.parent.iterdir()] == [store.name]


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    nets = folder_of(tmp_path / "nets", 3)
    (tmp_path / "cache").write_text("a file where a folder should be")
    for _ in range(2):
        crew = Inline(JOB)
        count_all(request(nets, tmp_path / "costs.csv"), crew)
        assert sum(crew.submitted) == 3
    assert not list(tmp_path.glob("*.partial*"))


def test_two_runs_to_one_output_are_refused(tmp_path: Path) -> None:
    nets = folder_of(tmp_path / "nets", 3)

    class Second(Inline):
        def submit(self, documents):  # type: ignore[no-untyped-def]
            with pytest.raises(UsageError, match=r"another run is writing costs\.csv"):
                count_all(request(nets, tmp_path / "costs.csv"), Inline(JOB))
            return super().submit(documents)

    count_all(request(nets, tmp_path / "costs.csv"), Second(JOB))
    assert len(table(tmp_path / "costs.csv")) == 12


def test_a_file_system_without_locks_is_written_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As some clusters mount theirs: every lock fails."""
    connect = sqlite3.connect

    def refuse(database: str, **options: Any) -> Any:
        if "nolock" not in database:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR_LOCK"
            raise error
        return connect(database, **options)

    nets = folder_of(tmp_path / "nets", 3)
    monkeypatch.setattr(sqlite3, "connect", refuse)
    count_all(request(nets, tmp_path / "costs.csv", use_cache=False), Inline(JOB))
    assert standard(tmp_path / "costs.csv") == [macs(1), macs(2), macs(3)]
    assert not list(tmp_path.glob("*.partial*"))


# A full disk


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def grow(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_a_full_disk_is_told_and_the_run_goes_on(
    tmp_path: Path, small_disk: Path, ending: str
) -> None:
    nets = folder_of(tmp_path / "nets", 400)
    output = small_disk / f"costs.{ending}"
    command = (nets, "--set", "size=8,9", "-o", output, "-f", "json")
    child = process(tmp_path, *command)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 2
    assert err.startswith("error: ")
    assert err.endswith(
        ": can't be written: No space left on device\n"
        "  hint: what has been counted is kept: --resume goes on from there\n"
    )
    assert not output.exists()
    grow(small_disk)
    child = process(tmp_path, *command, "--resume")
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, "")
    assert '"specs": 400' in out
    assert int(out.split('"counted": ')[1].split(",")[0]) < 400
    assert len(table(output)) == 400 * 2 * 4


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_an_output_that_cannot_be_finished_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    nets = folder_of(tmp_path / "nets", 2)
    output = tmp_path / f"costs.{ending}"
    count_all(request(nets, output), Inline(JOB))
    before = output.read_bytes()
    folder_of(nets, 3)

    def full(*_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        real = Path.replace
        patch.setattr(Path, "replace", lambda self, to: (full if to == output else real)(self, to))
        with pytest.raises(UsageError, match="No space left"):
            count_all(request(nets, output), Inline(JOB))
    assert output.read_bytes() == before
    crew = Inline(JOB)
    summary = count_all(request(nets, output, resume=True), crew)
    assert (summary.specs, crew.submitted) == (3, [])
