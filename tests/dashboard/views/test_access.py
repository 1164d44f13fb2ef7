"""Who may not see a page is told why, and whom to ask; `test_every_url.py` holds who may."""

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory

from dashboard.views.access import client_address
from ingest.domain.people import Role
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


def test_an_account_without_a_role_is_told_that_and_whom_to_ask() -> None:
    person("grace", Role.ADMIN)
    person("gone", Role.ADMIN)
    User.objects.filter(username="gone").update(is_active=False)
    answer = signed_in("eve", None).get("/")
    page = answer.content.decode()
    assert (answer.status_code, "Your account has no role yet" in page) == (403, True)
    assert [name in page for name in ("grace", "eve", "gone")] == [True, True, False]


def test_without_any_admin_the_server_s_command_is_named() -> None:
    assert b"manage.py createsuperuser" in signed_in("eve", None).get("/").content


def test_a_viewer_is_told_which_role_it_takes() -> None:
    page = signed_in("ada", Role.VIEWER).get("/settings/keys/").content.decode()
    assert ("This takes the role admin" in page, "who may not manage keys" in page) == (True, True)


@pytest.mark.parametrize(
    ("meta", "address"),
    [
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6"}, "10.0.0.1"),
        (
            {"REMOTE_ADDR": "10.0.0.1", "HTTP_FORWARDED": "for=6.6.6.6", "HTTP_X_REAL_IP": "6.6.6.6"},
            "10.0.0.1",
        ),
        ({"REMOTE_ADDR": "fe80::1%eth0"}, "fe80::1"),
        ({"REMOTE_ADDR": ""}, None),
    ],
)
def test_an_address_is_the_connection_s_and_no_header_s(meta: dict[str, str], address: str | None) -> None:
    assert client_address(RequestFactory().get("/", **meta)) == address  # type: ignore[arg-type]
