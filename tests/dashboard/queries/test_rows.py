"""Rows as records."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.queries.rows import BootRow, read
from ingest.models import Boot
from tests.dashboard import builder

pytestmark = pytest.mark.django_db


def test_a_record_names_what_the_row_refers_to_in_one_statement() -> None:
    builder.boot("r1", instance="i-1")
    with CaptureQueriesContext(connection) as statements:
        (row,) = read(BootRow, Boot.objects.all())
    assert (row.service, row.environment, row.release, row.instance, len(statements)) == (
        "chat-backend",
        "staging",
        "r1",
        "i-1",
        1,
    )
