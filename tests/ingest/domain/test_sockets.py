from ingest.domain.events import SocketOpened
from ingest.domain.sockets import disagree, key_of, role_of
from ingest.domain.words import Origin, Outcome, Role
from tests.ingest.domain.builders import ending, opening, refusal, socket, told


def test_both_sides_of_a_socket_are_joined_by_its_id() -> None:
    assert {key_of(opening(1.0)), key_of(ending(1.0, 2.0, Role.CLIENT))} == {"s"}


def test_a_socket_without_an_id_is_its_own() -> None:
    assert key_of(told(SocketOpened, reporter="p", seq=7, age=1.0)) == "~service/p#7"
    assert key_of(told(SocketOpened, Role.CLIENT, reporter="b", seq=None, id="x", age=1.0)) == "~client/b#x"


def test_a_socket_that_was_only_opened_is_open() -> None:
    facts = socket(opening(4.0, client="h:1", path="/ws"))
    assert (facts.outcome, facts.opened_age, facts.ended_age, facts.origin) == (Outcome.OPEN, 4.0, None, None)
    assert (facts.client, facts.path, facts.reporters) == ("h:1", "/ws", ("service",))


def test_a_close_frame_makes_it_closed() -> None:
    facts = socket(opening(4.0), ending(4.0, 5.0, accepted_age=4.1, code=1011))
    assert (facts.outcome, facts.code, facts.accepted_age, facts.ended_age) == (
        Outcome.CLOSED,
        1011,
        4.1,
        5.0,
    )


def test_an_end_without_a_close_frame_makes_it_lost() -> None:
    assert socket(ending(4.0, 5.0)).outcome is Outcome.LOST
    assert socket(ending(4.0, 5.0, code=1006)).outcome is Outcome.LOST


def test_a_refused_handshake_is_judged_by_its_status_and_not_by_a_code() -> None:
    facts = socket(refusal(4.0, 503), ending(4.0, 4.1, Role.CLIENT, accepted_age=None, code=1006))
    assert (facts.outcome, facts.status, facts.code) == (Outcome.REJECTED, 503, None)
    assert facts.code_seen_by == {"client": 1006}


def test_an_accepted_socket_was_not_refused() -> None:
    facts = socket(refusal(4.0, 503, Role.GATEWAY), ending(4.0, 5.0, accepted_age=4.1, code=1000))
    assert (facts.outcome, facts.status, facts.code) == (Outcome.CLOSED, None, 1000)


def test_the_code_that_the_application_sent_counts_before_what_others_saw() -> None:
    facts = socket(
        ending(4.0, 5.0, Role.CLIENT, code=1011),
        ending(4.0, 5.0, Role.GATEWAY, code=1012),
        ending(4.0, 5.0, code=1013),
    )
    assert (facts.code, facts.code_seen_by) == (1013, {"client": 1011, "gateway": 1012, "service": 1013})


def test_without_the_service_the_gateway_counts_before_the_client() -> None:
    facts = socket(ending(4.0, 5.0, Role.CLIENT, code=1011), ending(4.0, 5.0, Role.GATEWAY, code=1012))
    assert facts.code == 1012


def test_who_saw_a_frame_counts_before_who_saw_none() -> None:
    facts = socket(ending(4.0, 5.0, code=1006), ending(4.0, 5.0, Role.CLIENT, code=1011))
    assert (facts.code, facts.outcome) == (1011, Outcome.CLOSED)
    assert facts.code_seen_by == {"client": 1011, "service": 1006}


def test_a_close_by_the_application_without_a_code_is_1000() -> None:
    assert socket(ending(4.0, 5.0, origin=Origin.APP_CLOSE)).code == 1000


def test_the_services_end_wins() -> None:
    facts = socket(
        ending(4.0, 5.5, Role.CLIENT, code=1011, origin=Origin.PEER, reason="seen outside"),
        ending(4.0, 5.0, origin=Origin.APP_ERROR, reason="KeyError: 'session'", exception="KeyError"),
    )
    assert (facts.ended_age, facts.origin, facts.reason) == (5.0, Origin.APP_ERROR, "KeyError: 'session'")
    assert (facts.exception, role_of(facts.ended_ref)) == ("KeyError", "service")


def test_an_origin_that_somebody_knows_counts_before_an_unknown_one() -> None:
    facts = socket(ending(4.0, 5.0), ending(4.0, 5.0, Role.CLIENT, origin=Origin.PEER))
    assert facts.origin is Origin.PEER


def test_it_was_opened_when_anybody_first_saw_it() -> None:
    facts = socket(opening(4.0, seq=2), opening(-1.0, Role.CLIENT, seq=1))
    assert (facts.opened_age, facts.opened_ref) == (-1.0, "client:1@probe")


def test_at_one_age_the_service_is_who_saw_it_opened() -> None:
    facts = socket(opening(4.0, Role.CLIENT, seq=1), opening(4.0, seq=2))
    assert facts.opened_ref == "service:2@probe"


def test_an_end_says_when_it_was_opened() -> None:
    assert socket(ending(4.0, 5.0, seq=9)).opened_ref == "service:9@probe"


def test_an_end_without_its_age_happened_when_it_was_reported() -> None:
    assert socket(ending(4.0, None, age=5.0, code=1000)).ended_age == 5.0


def test_a_sample_says_how_many_it_stands_for() -> None:
    assert socket(ending(4.0, 5.0, stands_for=12)).stands_for == 12
    assert socket(opening(4.0)).stands_for == 1


def test_its_events_are_named() -> None:
    assert socket(ending(4.0, 5.0, seq=8), opening(4.0, seq=7)).refs == ("service:7@probe", "service:8@probe")


def test_no_reference_has_no_role() -> None:
    assert role_of(None) is None


def test_sides_disagree_where_they_saw_different_codes() -> None:
    seen: tuple[dict[str, int], ...] = (
        {},
        {"service": 1013},
        {"client": 1011, "service": 1011},
        {"client": 1011, "service": 1013},
    )
    assert [disagree(codes) for codes in seen] == [False, False, False, True]
