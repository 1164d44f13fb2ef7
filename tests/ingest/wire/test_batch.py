"""What every format decodes to, and how a refusal reads."""

from ingest.wire.batch import Refused


def test_a_refusal_is_a_problem_document() -> None:
    refused = Refused(422, "Invalid batch", "/v: no", errors=(("/v", "no"), ("/events/0", "neither")))

    assert refused.document() == {
        "type": "about:blank",
        "title": "Invalid batch",
        "status": 422,
        "detail": "/v: no",
        "errors": [{"pointer": "/v", "detail": "no"}, {"pointer": "/events/0", "detail": "neither"}],
    }


def test_a_refusal_of_no_field_lists_none() -> None:
    assert "errors" not in Refused(400, "Bad request", "No JSON.").document()
