"""onnxruntime, by its own thread pool; whatever it makes of a graph by its highest level."""

from sepconv_cli.errors import UsageError
from sepconv_cli.measure.clock import clocked
from sepconv_cli.measure.onnx_input import as_onnx, input_values
from sepconv_cli.measure.setup import MeasureSetup, Prepared, needs, refuse_compiled
from sepconv_cli.network import Network

_PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "mps": "CoreMLExecutionProvider",
}
_ONLY_FATAL = 4


def prepare(network: Network, setup: MeasureSetup) -> Prepared:
    """A session of its own. On a device, times include what goes there and comes back."""
    try:
        import onnxruntime
    except ImportError:
        raise needs("onnxruntime", "onnxruntime") from None
    refuse_compiled(setup, "onnxruntime")
    provider = _PROVIDERS[setup.device]
    if provider not in onnxruntime.get_available_providers():
        raise UsageError(f"this onnxruntime has no {provider} for --device {setup.device}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = setup.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ONLY_FATAL
    # Threads that wait must not take the cores from the next variant.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    with as_onnx(network, setup.batch) as file:
        session = onnxruntime.InferenceSession(str(file), options, providers=[provider])
    feeds = {
        each.name: input_values(tuple(each.shape), "int64" in each.type)
        for each in session.get_inputs()
    }
    software = f"onnxruntime {onnxruntime.__version__}"
    return Prepared(clocked(lambda: session.run(None, feeds)), software)
