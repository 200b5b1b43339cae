"""Runs that are stopped, however that happens, and go on."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sepconv_cli.batch.parts import Parts
from sepconv_cli.batch.run import run
from sepconv_cli.batch.shield import shielded
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


def parts(folder: Path) -> list[Path]:
    found = (folder / "costs.parquet.parts").glob("*")
    return [path for path in found if not path.suffix]


def stopped(folder: Path, how: signal.Signals, *arguments: object) -> tuple[int, str]:
    """A run that is sent a signal when it has some parts."""
    child = process(folder, *arguments)
    while len(parts(folder)) < 3 and child.poll() is None:
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
    kept = {path.name: path.stat().st_mtime_ns for path in parts(tmp_path)}
    child = process(tmp_path, *command, "--resume", "-f", "json", "--no-cache")
    while child.poll() is None and len(parts(tmp_path)) < len(kept) + 2:
        time.sleep(0.005)
    # Neither counted nor written again.
    now = {path.name: path.stat().st_mtime_ns for path in parts(tmp_path)}
    assert not now or kept.items() <= now.items()
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, "")
    counted = int(out.split('"counted": ')[1].split(",")[0])
    assert 0 < counted < 400
    process(tmp_path, *command[:-1], "whole.parquet").communicate()
    assert table(tmp_path / "costs.parquet") == table(tmp_path / "whole.parquet")
    assert len(table(tmp_path / "whole.parquet")) == 400 * 8 * 4
    assert not (tmp_path / "costs.parquet.parts").exists()
    assert not list(tmp_path.glob("*.half"))


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
    while len(parts(tmp_path)) < 2:
        time.sleep(0.005)
    family = psutil.Process(child.pid).children(recursive=True)
    child.kill()
    child.communicate()
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert len(gone) >= 2
    assert alive == []


def test_a_run_begun_anew_forgets_what_was_there(tmp_path: Path) -> None:
    nets = folder_of(tmp_path / "nets", 3)
    old = tmp_path / "costs.csv.parts" / "0123"
    old.parent.mkdir()
    old.write_text("old")
    run(request(nets, tmp_path / "costs.csv"), Inline(JOB))
    assert not old.parent.exists()
    assert len(table(tmp_path / "costs.csv")) == 12


def interrupted(tmp_path: Path, nets: Path) -> Path:
    """A run that stopped before it wrote its output, one part for every five specs."""

    class Stopping(Inline):
        def submit(self, documents):  # type: ignore[no-untyped-def]
            if len(self.submitted) == 4:
                raise KeyboardInterrupt
            return super().submit(documents)

    with pytest.raises(KeyboardInterrupt):
        run(request(nets, tmp_path / "costs.csv"), Stopping(JOB))
    return tmp_path / "costs.csv.parts"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda raw: b"", id="empty"),
        pytest.param(lambda raw: raw[:-5], id="cut short"),
        pytest.param(lambda raw: raw[:-1] + b"x", id="another byte"),
    ],
)
def test_a_damaged_part_is_counted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: object
) -> None:
    monkeypatch.setattr("sepconv_cli.batch.deal.MOST_DOCUMENTS", 5)
    nets = folder_of(tmp_path / "nets", 30)
    folder = interrupted(tmp_path, nets)
    names = Parts(folder).names()
    path = folder / names[0]
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    crew = Inline(JOB)
    run(request(nets, tmp_path / "costs.csv", resume=True, use_cache=False), crew)
    assert sum(crew.submitted) == 30 - 5 * (len(names) - 1)
    assert [row["source"][-9:] for row in table(tmp_path / "costs.csv")[::4]] == [
        f"{number:04}.yaml" for number in range(1, 31)
    ]


def test_what_changed_while_a_run_was_stopped_is_counted_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sepconv_cli.batch.deal.MOST_DOCUMENTS", 5)
    nets = folder_of(tmp_path / "nets", 30)
    assert len(Parts(interrupted(tmp_path, nets)).names()) == 3
    (nets / "0007.yaml").write_text(spec(70))
    crew = Inline(JOB)
    run(request(nets, tmp_path / "costs.csv", resume=True), crew)
    assert sum(crew.submitted) == 30 - 10
    rows = table(tmp_path / "costs.csv")
    assert [int(row["count"]) for row in rows if row["variant"] == "standard"] == [
        macs(70 if number == 7 else number) for number in range(1, 31)
    ]


def test_two_runs_to_one_output_are_refused(tmp_path: Path) -> None:
    nets = folder_of(tmp_path / "nets", 3)

    class Second(Inline):
        def submit(self, documents):  # type: ignore[no-untyped-def]
            with pytest.raises(UsageError, match=r"another run is writing costs\.csv"):
                run(request(nets, tmp_path / "costs.csv"), Inline(JOB))
            return super().submit(documents)

    run(request(nets, tmp_path / "costs.csv"), Second(JOB))
    assert len(table(tmp_path / "costs.csv")) == 12


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
    run(request(nets, output), Inline(JOB))
    before = output.read_bytes()
    folder_of(nets, 3)

    def full(*_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        real = Path.replace
        patch.setattr(Path, "replace", lambda self, to: (full if to == output else real)(self, to))
        with pytest.raises(UsageError, match="No space left"):
            run(request(nets, output), Inline(JOB))
    assert output.read_bytes() == before
    crew = Inline(JOB)
    summary = run(request(nets, output, resume=True), crew)
    assert (summary.specs, crew.submitted) == (3, [])
