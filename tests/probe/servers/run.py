"""The servers, and how each is started with the small service."""

from tests.probe.collector import Collector
from tests.probe.processes import Server, free_port

APP = "tests.probe.service:app"
UVICORN = ("uvicorn-websockets", "uvicorn-websockets-sansio", "uvicorn-wsproto")
GUNICORN = ("gunicorn", "gunicorn --preload")
SERVERS = (*UVICORN, *GUNICORN, "hypercorn", "daphne", "granian")


def command(name: str, app: str, port: int) -> tuple[str, ...]:
    """What is run with `python -m` for one of `SERVERS`."""
    program, *extra = name.split()
    if program in UVICORN:
        return ("uvicorn", app, "--port", str(port), "--ws", program.removeprefix("uvicorn-"))
    address = f"127.0.0.1:{port}"
    return {
        "gunicorn": ("gunicorn", app, "--bind", address, "--worker-class", "uvicorn_worker.UvicornWorker"),
        "hypercorn": ("hypercorn", app, "--bind", address),
        "daphne": ("daphne", "--bind", "127.0.0.1", "--port", str(port), app),
        "granian": ("granian", app, "--interface", "asgi", "--port", str(port)),
    }[program] + tuple(extra)


def serve(name: str, collector: Collector, *arguments: str, app: str = APP, **extra: str) -> Server:
    """One of `SERVERS`, not yet started, that reports to `collector`; `extra` is its environment."""
    port = free_port()
    target = {"FALSESTART_ENDPOINT": collector.url, "FALSESTART_KEY": "fs_test"}
    return Server(*command(name, app, port), *arguments, port=port, **target, **extra)
