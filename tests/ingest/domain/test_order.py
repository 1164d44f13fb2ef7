from ingest.domain.events import BootReady
from ingest.domain.order import ordered
from ingest.domain.words import Role
from tests.ingest.domain.builders import listening, ready, told


def test_events_are_read_by_age_and_not_as_they_arrived() -> None:
    first, second = listening(1.0), ready(2.0)
    assert ordered([second, first]) == (first, second)


def test_an_event_that_arrived_twice_is_read_once() -> None:
    event = ready(2.0)
    assert ordered([event, event]) == (event,)


def test_at_one_age_the_service_is_read_before_a_log() -> None:
    log, service = told(BootReady, Role.LOG, age=1.0), told(BootReady, age=1.0)
    assert ordered([log, service]) == (service, log)
