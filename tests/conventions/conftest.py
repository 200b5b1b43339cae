"""What makes many runs of other people's tools quick."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _quick_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights stay as memory happens to be, which no tool looks at, and the test runner has the
    other cores."""
    torch.set_num_threads(1)
    for name in ("kaiming_uniform_", "normal_", "uniform_"):
        monkeypatch.setattr(torch.nn.init, name, lambda weights, *rest, **more: weights)
