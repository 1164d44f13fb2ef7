"""Who tries too many passwords is told what happens."""

import re

import pytest
from django.conf import settings
from django.test import Client

from tests.people import PASSWORD, person

pytestmark = pytest.mark.django_db


def test_too_many_wrong_passwords_lock_with_a_page_that_says_for_how_long(client: Client) -> None:
    person("grace", password=PASSWORD)
    wrong = {"username": "grace", "password": "no"}
    answers = [client.post("/sign-in/", wrong) for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    page = re.sub(r"\s+", " ", answers[-1].content.decode())
    assert "5 wrong passwords came from here for grace. It opens again 15 min after the last try" in page
    right = {"username": "grace", "password": PASSWORD}
    assert client.post("/sign-in/", right).status_code == 429


def test_a_name_that_is_locked_is_never_markup(client: Client) -> None:
    wrong = {"username": "<b>grace</b>", "password": "no"}
    answers = [client.post("/sign-in/", wrong) for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert b"&lt;b&gt;grace" in answers[-1].content


def test_a_forged_header_does_not_buy_more_tries(client: Client) -> None:
    wrong = {"username": "grace", "password": "no"}
    answers = [
        client.post("/sign-in/", wrong, headers={"x-forwarded-for": f"10.0.0.{number}"}).status_code
        for number in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers[-1] == 429


def test_another_browser_does_not_buy_more_tries() -> None:
    wrong = {"username": "grace", "password": "no"}
    answers = [
        Client().post("/sign-in/", wrong, headers={"user-agent": f"browser {number}"}).status_code
        for number in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers[-1] == 429


def test_one_address_does_not_lock_a_colleague_out(client: Client) -> None:
    person("grace", password=PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post("/sign-in/", {"username": "grace", "password": "no"}, REMOTE_ADDR="10.0.0.1")
    right = {"username": "grace", "password": PASSWORD}
    statuses = [
        Client().post("/sign-in/", right, REMOTE_ADDR=address).status_code
        for address in ("10.0.0.1", "10.0.0.2")
    ]
    assert statuses == [429, 302]


def test_the_lock_says_who_can_lift_it(client: Client) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post("/sign-in/", {"username": "grace", "password": "no"})
    assert "An admin can open it at once on the people page" in answer.content.decode()
