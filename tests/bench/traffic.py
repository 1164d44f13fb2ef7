"""What is sent: batches as a fleet of probes sends them, made before the clock runs."""

from collections.abc import Iterator

import msgspec

from tests.ingest.batches import Event, document, race

BATCHES_OF_A_BOOT = 20  # after which a connection goes on with a new boot
LAP = 80.0  # seconds of age between two repetitions of the model boot
AGES = ("age", "opened_age", "accepted_age", "ended_age", "from_age", "to_age")
MODEL = race()  # A boot of seven phases, with checks, tallies and sockets of every outcome.


def lane(name: str, size: int, batches: int) -> list[bytes]:
    """The bodies that one connection posts: `size` events each, no identity twice."""
    return [_body(f"{name}.{i // BATCHES_OF_A_BOOT}", size, i % BATCHES_OF_A_BOOT) for i in range(batches)]


def _body(boot: str, size: int, index: int) -> bytes:
    events = list(_events(index * size, size))
    return msgspec.json.encode(document(events, boot=boot, sent_age=LAP * (index + 1)))


def _events(first: int, count: int) -> Iterator[Event]:
    for seq in range(first, first + count):
        lap, place = divmod(seq, len(MODEL))
        yield _later(MODEL[place], lap) | {"seq": seq}


def _later(event: Event, lap: int) -> Event:
    moved: Event = {name: round(event[name] + LAP * lap, 6) for name in AGES if name in event}
    if "socket" in event:
        moved["socket"] = f"{event['socket']}-{lap}"
    return event | moved
