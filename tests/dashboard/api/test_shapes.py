"""The shapes: what they allow is what is promised, and no more."""

import pytest
from pydantic import ValidationError

from dashboard.api import shapes
from ingest.domain.words import Basis


def test_a_number_of_evidence_is_labelled_measured_configured_or_derived() -> None:
    item = {"name": "wait", "value": 2.1, "unit": "s", "events": []}

    bases = [shapes.Evidence.model_validate(item | {"basis": basis}).basis for basis in Basis]
    assert bases == [Basis.MEASURED, Basis.CONFIGURED, Basis.DERIVED]
    with pytest.raises(ValidationError, match="Input should be 'measured', 'configured' or 'derived'"):
        shapes.Evidence.model_validate(item | {"basis": "guessed"})


def test_everything_of_a_boot_is_always_there_even_if_it_is_null() -> None:
    schema = shapes.Boot.model_json_schema(mode="serialization")

    assert schema["required"] == list(schema["properties"])
