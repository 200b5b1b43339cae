"""A network to a file, as what its ending says."""

from pathlib import Path

from sepconv_cli.errors import UsageError
from sepconv_cli.export.request import ExportRequest
from sepconv_cli.network import Network
from sepconv_cli.registry import get, names


def write_network(network: Network, file: Path, request: ExportRequest) -> None:
    """Write the network. Raises UsageError for an ending that nobody knows, a layer that can't be
    written, and a file that can't."""
    endings = names("export/targets")
    ending = file.suffix.lower().removeprefix(".")
    if ending not in endings:
        known = ", ".join(f".{each}" for each in endings)
        raise UsageError(f"{file}: a network can't be written as {file.suffix or 'this'}", known)
    try:
        get("export/targets", ending).write_file(network, file, request)
    except OSError as error:
        raise UsageError(f"{file}: can't be written: {error.strerror}") from error
