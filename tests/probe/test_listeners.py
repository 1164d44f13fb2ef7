import os
import socket
from pathlib import Path

import pytest
from falsestart import listeners


def test_a_port_of_the_process_itself_is_no_inherited_one() -> None:
    with socket.create_server(("127.0.0.1", 0)):
        assert listeners.inherited() is None


def test_a_port_that_a_socket_activator_handed_down_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert server.getsockname()[1] in set(listeners._listening())
        assert listeners.inherited() in set(listeners._listening())


def test_a_socket_that_is_bound_but_does_not_listen_is_not_open() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert listeners._port(bound.fileno()) is None


def test_a_unix_socket_listens_without_a_port(tmp_path: object) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{tmp_path}/s")
        server.listen()
        assert listeners._port(server.fileno()) == 0


def test_what_is_no_socket_has_no_port() -> None:
    with Path(__file__).open() as file:
        assert [listeners._port(descriptor) for descriptor in (file.fileno(), 9_999)] == [None, None]
