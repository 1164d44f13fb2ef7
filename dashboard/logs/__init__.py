"""What the product says of itself: lines to read or to parse, without secrets."""

from dashboard.logs.lines import configuration

__all__ = ["configuration"]
