"""Addresses become settings, or are refused with a sentence that repeats nothing of them."""

import ssl

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard import stores

SENTINELS = "sentinel://keeper:p%40ss@one:26380,two,[::1]:26381/3?master=falsestart"
AMQP = "amqp://someone:hidden@rabbit.example/falsestart"


def test_sentinels_are_read_from_one_address() -> None:
    place = stores.redis(SENTINELS, "secret")
    assert (place.sentinels, place.master, place.database) == (
        (("one", 26_380), ("two", 26_379), ("::1", 26_381)),
        "falsestart",
        3,
    )
    assert (place.username, place.password, place.sentinel_password) == ("keeper", "p@ss", "secret")


def test_the_shortest_address_of_sentinels_has_no_account_and_no_database() -> None:
    place = stores.redis("sentinel://one?master=m")
    assert (place.sentinels, place.username, place.password, place.database) == (
        (("one", 26_379),),
        "",
        "",
        0,
    )


@pytest.mark.parametrize(
    "address",
    [
        "sentinel://one:26379/0",
        "sentinel://one:26379/0?master=",
        "sentinel://one:26379/0?master=m&password=hidden",
        "sentinel://one:0/0?master=m",
        "sentinel://one:65536/0?master=m",
        "sentinel://one:port/0?master=m",
        "sentinel://one,/0?master=m",
        "sentinel://one/zero?master=m",
        "sentinel://:a:b@one/0?master=m",
        "sentinel://?master=m",
        "sentinel:one",
        "http://one",
        "redis://",
    ],
)
def test_junk_for_redis_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        stores.redis(address)
    assert str(refusal.value) == f"REDIS_URL is not a Redis address; accepted is {stores.REDIS_FORM}."


@pytest.mark.parametrize("address", ["amqp://", "amqp://rabbit:port/", "amqp://rabbit:0/", "pyamqp://rabbit"])
def test_junk_for_rabbitmq_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        stores.broker(address, stores.redis("redis://one"))
    sentence = f"BROKER_URL is not the address of a RabbitMQ; accepted is {stores.AMQP_FORM}."
    assert str(refusal.value) == sentence


def test_celery_is_told_every_sentinel_with_its_account() -> None:
    broker = stores.redis(SENTINELS, "secret").broker()
    assert broker.url.split(";") == [
        "sentinel://keeper:p%40ss@one:26380/3",
        "sentinel://keeper:p%40ss@two:26379/3",
        "sentinel://keeper:p%40ss@[::1]:26381/3",
    ]
    assert (broker.options["master_name"], broker.options["sentinel_kwargs"]["password"]) == (
        "falsestart",
        "secret",
    )


def test_the_channel_layer_asks_the_same_sentinels() -> None:
    host = stores.redis(SENTINELS, "secret").channel_host()
    assert isinstance(host, dict)
    assert (host["sentinels"], host["master_name"], host["db"]) == (
        (("one", 26_380), ("two", 26_379), ("::1", 26_381)),
        "falsestart",
        3,
    )
    assert (host["username"], host["password"], host["sentinel_kwargs"]["password"]) == (
        "keeper",
        "p@ss",
        "secret",
    )


def test_a_single_redis_is_passed_on_as_it_was_given() -> None:
    place = stores.redis("rediss://:hidden@cache.example/1")
    assert (place.broker().url, place.channel_host()) == (place.url, place.url)


def test_no_redis_option_reaches_rabbitmq() -> None:
    broker = stores.broker(AMQP, stores.redis("redis://one"))
    assert set(broker.options) == {*stores.PATIENCE, "read_timeout", "write_timeout"}
    assert (broker.url, broker.is_redis, broker.tls) == (AMQP, False, {})


def test_a_rabbitmq_over_tls_has_to_prove_who_it_is() -> None:
    tls = stores.broker(AMQP.replace("amqp:", "amqps:"), stores.redis("redis://one")).tls
    assert (tls["cert_reqs"], tls["server_hostname"]) == (ssl.CERT_REQUIRED, "rabbit.example")


def test_no_password_is_shown_where_a_place_is_printed() -> None:
    place = stores.redis(SENTINELS, "secret")
    shown = repr((place, place.broker(), stores.broker(AMQP, place)))
    assert [word for word in ("p%40ss", "p@ss", "secret", "hidden") if word in shown] == []
