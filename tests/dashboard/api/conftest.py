"""Readers of the API: with a key, with a session, with nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pydantic import BaseModel

Get = Callable[..., Any]


@pytest.fixture
def reader(db: None) -> Client:  # noqa: ARG001 - the key is stored
    """A client that sends a key which may read everything."""
    from ingest.store import keys  # noqa: PLC0415 - this file is loaded before Django is set up

    return Client(headers={"authorization": f"Bearer {keys.create('read')}"})


@pytest.fixture
def get(reader: Client) -> Get:
    """Read an address with query parameters; the answer has to be 200, and is returned decoded.

    Every answer that a test reads is held against the shape that the API says it has.
    """
    from dashboard.api import shapes  # noqa: PLC0415 - this file is loaded before Django is set up

    described: dict[str, type[BaseModel]] = {
        "/api/v1/boots": shapes.Boots,
        "/api/v1/boots/*": shapes.Boot,
        "/api/v1/boots/*/events": shapes.Events,
        "/api/v1/sockets": shapes.Sockets,
        "/api/v1/deployments": shapes.Deployments,
    }

    def read(path: str, **parameters: Any) -> Any:
        response = reader.get(path, parameters)
        assert response.status_code == 200, response.content
        shape = described[re.sub(r"(?<=/boots/)[^/]+", "*", path)]
        shape.model_validate_json(response.content, strict=True, extra="forbid")
        return response.json()

    return read


@pytest.fixture
def refused(reader: Client) -> Get:
    """Read an address; the answer has to be a problem document, and is returned as (status, document)."""

    def read(path: str, **parameters: Any) -> Any:
        response = reader.get(path, parameters)
        assert response["Content-Type"] == "application/problem+json", response.content
        return response.status_code, response.json()

    return read
