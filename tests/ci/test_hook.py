"""The hook in the real pre-commit, in a repository made on the fly.

pre-commit clones this repository and installs it by pip, which takes a while; a checkout without
git has nothing to clone.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import Repository

ROOT = Path(__file__).parents[2]
NET = """
name: small
input: [3, 7, 7]
layers: [conv: {out_channels: 128, kernel_size: 3, bias: false}]
budgets: [{id: phone, metric: macs, max: LIMIT}]
"""


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="pre-commit clones a git repository")
def test_the_hook_stops_a_commit_that_exceeds_a_budget(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit(**{"configs/over.yaml": NET.replace("LIMIT", "1k")})
    repository.write("configs/kept.yaml", NET.replace("LIMIT", "90k"))
    repository.git("add", "--all")

    def hook(file: str) -> subprocess.CompletedProcess[str]:
        command = ["try-repo", str(ROOT), "sepconv-check", "--files", file]
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", *command],
            cwd=repository.folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")},
        )

    failed = hook("configs/over.yaml")
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "1 limit exceeded, 0 kept, in 1 spec" in failed.stdout
    passed = hook("configs/kept.yaml")
    assert passed.returncode == 0, passed.stdout + passed.stderr
