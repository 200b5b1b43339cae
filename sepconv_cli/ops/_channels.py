"""What ops that split channels into groups share."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint


def check_divides(
    field: str, divisor: int, channels: int, what: str = "channels"
) -> Iterator[Complaint]:
    """Complain about a field that doesn't divide the channels."""
    if channels % divisor:
        yield Complaint(f"{field} {divisor} does not divide the {channels} {what}", field=field)
