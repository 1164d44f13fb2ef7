"""The audit trail is read newest first, page by page, without a gap."""

import pytest
from django.utils import timezone

from dashboard.queries import audit as rows
from ingest.domain.people import Act
from ingest.store import audit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", [0, 1, rows.PAGE, rows.PAGE + 1, 2 * rows.PAGE + 5])
def test_every_act_is_on_one_page(number: int) -> None:
    for act in range(number):
        audit.note(Act.KEY_MADE, str(act), by="ada", at=timezone.now())
    read: list[str] = []
    page, following = rows.entries()
    read += [entry.subject for entry in page]
    while following is not None:
        page, following = rows.entries(following)
        read += [entry.subject for entry in page]
    assert (read, rows.count()) == ([str(act) for act in reversed(range(number))], number)
