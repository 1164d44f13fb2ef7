"""Who tries too many passwords is told what happens."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


def test_too_many_wrong_passwords_lock_with_a_page_that_says_for_how_long(client: Client) -> None:
    User.objects.create_user("grace", password="correct horse battery")
    wrong = {"username": "grace", "password": "no"}
    answers = [client.post("/sign-in/", wrong) for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    page = re.sub(r"\s+", " ", answers[-1].content.decode())
    assert "5 wrong passwords came from here for grace. It opens again 15 min after the last try" in page
    right = {"username": "grace", "password": "correct horse battery"}
    assert client.post("/sign-in/", right).status_code == 429


def test_a_name_that_is_locked_is_never_markup(client: Client) -> None:
    wrong = {"username": "<b>grace</b>", "password": "no"}
    answers = [client.post("/sign-in/", wrong) for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert b"&lt;b&gt;grace" in answers[-1].content
