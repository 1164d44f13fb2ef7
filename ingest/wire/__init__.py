"""Bytes to a `Batch`, or an error naming the field: one module per format."""
