import pytest
from falsestart.socket_ids import IDS_REMEMBERED, SocketIds


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"falsestart_socket=c-91", "c-91"),
        (b"token=x&falsestart_socket=a.b:c_d&y=1", "a.b:c_d"),
        (b"falsestart_socket=%00", "boot-1"),
        (b"xfalsestart_socket=1", "boot-1"),
        (b"falsestart_socket=" + b"x" * 129, "boot-1"),
        (b"", "boot-1"),
    ],
)
def test_a_socket_id_is_taken_from_the_query_only_when_it_is_sane(query: bytes, expected: str) -> None:
    assert SocketIds("boot").next(query) == expected


def test_only_recent_socket_ids_are_remembered() -> None:
    ids = SocketIds("boot")
    for number in range(IDS_REMEMBERED + 1):
        ids.next(f"falsestart_socket=s{number}".encode())
    again = [ids.next(f"falsestart_socket=s{number}".encode()) for number in (0, IDS_REMEMBERED)]
    assert again == ["s0", "boot-1"]
