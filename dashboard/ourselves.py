"""What we are called where we report about ourselves."""

SERVICE = "falsestart"
VERSION = "0.1.0"  # As in `pyproject.toml`.
