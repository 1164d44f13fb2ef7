"""The version that the probe reports with every batch; equal to the distribution's."""

__version__ = "0.1.0"
