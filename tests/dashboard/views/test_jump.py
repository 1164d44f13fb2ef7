"""The search box."""

import pytest
from django.test import Client

from tests.dashboard import builder
from tests.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return signed_in()


def test_the_first_letters_of_a_boot_lead_to_it(browser: Client) -> None:
    builder.boot("r1", ident="7db5ae01")
    builder.boot("r1", ident="8000")
    assert browser.get("/jump/?q=7db5")["Location"] == "/boots/7db5ae01/"


def test_the_short_id_that_pages_show_leads_to_its_boot(browser: Client) -> None:
    builder.boot("r1", ident="01a203ad41b07ee1")
    builder.boot("r1", ident="01a203ad41b0ffff")
    assert browser.get("/jump/?q=b07ee1")["Location"] == "/boots/01a203ad41b07ee1/"


def test_the_first_letters_of_a_release_lead_to_it(browser: Client) -> None:
    builder.boot("00742-b95")
    assert browser.get("/jump/?q=00742")["Location"] == "/services/chat-backend/staging/releases/00742-b95/"


def test_a_service_leads_to_its_newest_release(browser: Client) -> None:
    builder.boot("r1")
    builder.boot("r2")
    assert browser.get("/jump/?q=chat")["Location"] == "/services/chat-backend/staging/releases/r2/"


def test_what_several_begin_with_is_listed(browser: Client) -> None:
    builder.boot("r1", ident="ab1")
    builder.boot("r1", ident="ab2")
    page = browser.get("/jump/?q=ab").content.decode()
    assert ("2 places for “ab”" in page, "/boots/ab1/" in page, "/boots/ab2/" in page) == (True, True, True)


@pytest.mark.parametrize("word", ["", "%00", "%25", "%27%22%3Cb%3E", "x" * 5000])
def test_nothing_is_found_calmly(word: str, browser: Client) -> None:
    builder.boot("r1")
    assert browser.get(f"/jump/?q={word}").status_code == 200
