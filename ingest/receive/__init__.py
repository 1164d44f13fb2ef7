"""The hot path: from bytes on a socket to rows on a disk, and a 202."""

from ingest.receive.endpoint import PATH, Receiver

__all__ = ["PATH", "Receiver"]
