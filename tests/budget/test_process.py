"""`check` as a process: its exit code is the verdict, whoever reads its output."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Sepconv

ROOT = Path(__file__).parents[2]
NET = """
name: small
input: [3, 7, 7]
layers: [conv: {out_channels: 128, kernel_size: 3, bias: false}]
budgets: [{id: a, metric: macs, max: LIMIT}]
"""


@pytest.mark.parametrize(("limit", "code"), [("1", 1), ("1M", 0)])
def test_a_closed_pipe_keeps_the_verdict(tmp_path: Path, limit: str, code: int) -> None:
    (tmp_path / "net.yaml").write_text(NET.replace("LIMIT", limit))
    process = subprocess.Popen(
        [sys.executable, "-m", "sepconv_cli", "check", str(tmp_path / "net.yaml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.wait() == code
    assert process.stderr.read() == b""
    process.stderr.close()


def test_ctrl_c_is_130(sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sepconv_cli.commands import check

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "net.yaml").write_text(NET.replace("LIMIT", "1"))
    monkeypatch.setattr(check, "check", interrupted)
    assert sepconv("check", tmp_path / "net.yaml").code == 130


def test_it_needs_no_torch(tmp_path: Path) -> None:
    """Nor fvcore, numpy, sympy or Rich: a small image in CI has none of them."""
    (tmp_path / "net.yaml").write_text(NET.replace("LIMIT", "1M"))
    program = (
        "import sys; from sepconv_cli.cli import run; "
        f"code = run(['check', {str(tmp_path / 'net.yaml')!r}]); "
        "heavy = {'torch', 'fvcore', 'numpy', 'sympy', 'rich'} & set(sys.modules); "
        "sys.exit(code or len(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr
