"""OpenVINO, for the shortest time of one batch."""

from sepconv_cli.errors import UsageError
from sepconv_cli.measure.clock import clocked
from sepconv_cli.measure.onnx_input import as_onnx, input_values
from sepconv_cli.measure.setup import MeasureSetup, Prepared, needs, refuse_compiled
from sepconv_cli.network import Network


def prepare(network: Network, setup: MeasureSetup) -> Prepared:
    """A model of its own, in float32, with one stream."""
    try:
        import openvino
    except ImportError:
        raise needs("openvino", "openvino") from None
    refuse_compiled(setup, "openvino")
    if setup.device != "cpu":
        raise UsageError(f"openvino runs on the cpu here, not on --device {setup.device}")
    given = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": setup.threads,
        "INFERENCE_PRECISION_HINT": "f32",
    }
    with as_onnx(network, setup.batch) as file:
        core = openvino.Core()
        compiled = core.compile_model(core.read_model(file), "CPU", given)
    request = compiled.create_infer_request()
    feeds = {
        at: input_values(tuple(each.shape), "int" in each.element_type.get_type_name())
        for at, each in enumerate(compiled.inputs)
    }
    version = openvino.__version__.partition("-")[0]
    return Prepared(clocked(lambda: request.infer(feeds)), f"openvino {version}")
