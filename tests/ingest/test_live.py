"""Hints to the pages, over a real channel layer; without one, a line in the log."""

import asyncio
import logging
import re
import time

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from ingest import live
from tests.engines import Valkey

CHANGED = live.Changed(
    type="live.changed", boot="b-1", service="chat", environment="prod", release="r/1 ü", mark=7
)


def test_a_change_is_told_to_the_fleet_the_release_and_the_boot() -> None:
    assert live.groups_of(CHANGED) == (
        live.FLEET,
        live.release_group("chat", "prod", "r/1 ü"),
        live.boot_group("b-1"),
    )


def test_a_deployment_is_told_to_the_fleet_and_its_release() -> None:
    told = live.Changed(**{**CHANGED, "boot": ""})
    assert live.groups_of(told) == (live.FLEET, live.release_group("chat", "prod", "r/1 ü"))


def test_a_group_has_a_name_that_a_channel_layer_takes_whatever_it_is_about() -> None:
    groups = [live.release_group("a" * 200, "\n/é", "~"), live.boot_group("x" * 128)]
    assert [g for g in groups if not re.fullmatch(r"[a-z]+\.[0-9a-f]{32}", g)] == []


def test_names_that_only_look_alike_when_joined_are_different_groups() -> None:
    assert live.release_group("a", "b", "c") != live.release_group("ab", "", "c")
    assert live.release_group("a", "b", "c") != live.release_group("a", "bc", "")


@pytest.mark.integration
@pytest.mark.usefixtures("valkey")
async def test_who_joined_a_group_hears_of_each_change() -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(live.boot_group("b-1"), channel)
    other = live.Changed(**{**CHANGED, "boot": "b-2"})

    await sync_to_async(live.publish)([other, CHANGED])

    async with asyncio.timeout(10):
        assert await layer.receive(channel) == CHANGED


@pytest.mark.integration
def test_without_redis_the_pages_are_late_and_nothing_is_raised(
    valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    valkey.kill()
    try:
        started = time.monotonic()
        with caplog.at_level(logging.WARNING, "ingest.live"):
            live.publish([CHANGED])
        took = time.monotonic() - started
    finally:
        valkey.start()

    assert took < 3 * live.PUBLISH_TIMEOUT
    assert [record.getMessage().endswith("they will catch up") for record in caplog.records] == [True]


def test_nothing_to_tell_asks_nobody() -> None:
    live.publish([])
