import pytest
from falsestart.client.desk import Desk
from falsestart.resource import Target

from tests.probe.collector import Collector
from tests.probe.processes import run_python


def desk_at(collector: Collector) -> Desk:
    return Desk(Target(url=f"{collector.url}/api/v1/batches", key="k"), {"service.name": "chat"})


def test_two_desks_never_share_a_name_nor_a_socket_id(collector: Collector) -> None:
    desks = [desk_at(collector) for _ in range(2)]
    ids = {desk.socket_id() for desk in desks for _ in range(3)}
    assert (len({desk.name for desk in desks}), len(ids)) == (2, 6)
    for desk in desks:
        desk.close(0.0)


def test_events_are_known_by_an_id_within_the_name_and_have_no_number(collector: Collector) -> None:
    desk = desk_at(collector)
    for _ in range(2):
        desk.record({"seq": 0, "kind": "socket.opened"}, vital=False)
    desk.close(10.0)
    batch = collector.posts[0].batch
    assert (batch["reporter"]["role"], batch["reporter"]["name"]) == ("client", desk.name)
    assert [event for post in collector.posts for event in post.batch["events"]] == [
        {"id": "1", "kind": "socket.opened"},
        {"id": "2", "kind": "socket.opened"},
    ]


@pytest.mark.integration
def test_a_forked_process_does_not_use_the_name_of_its_parent(collector: Collector) -> None:
    script = """
import os
from falsestart.client import Client
client = Client("chat", endpoint=os.environ["URL"], key="k")
parent = client._begin(client._target, "ws://h/ws")
parent.accept()
pid = os.fork()
client._begin(client._target, "ws://h/ws").accept()
if pid == 0:
    parent.end(1000)
    client.flush(10.0)
    os._exit(0)
os.waitpid(pid, 0)
parent.end(1011)
"""
    run_python(script, URL=collector.url)
    told: dict[str, list[str]] = {}
    for post in collector.posts:
        events = told.setdefault(post.batch["reporter"]["name"], [])
        events += [f"{event['kind']} {event.get('code', '')}".strip() for event in post.batch["events"]]
    assert sorted(told.values(), key=len) == [
        ["socket.opened"],
        ["socket.opened", "socket.opened", "socket.ended 1011"],
    ]
