"""A configuration of somebody's own that takes over the probe's hooks."""

from falsestart.gunicorn import post_fork, when_ready

__all__ = ["loglevel", "post_fork", "when_ready"]

loglevel = "warning"
