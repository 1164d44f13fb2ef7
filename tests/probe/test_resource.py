import socket

import pytest
from falsestart.platforms import LABELS, NAMESPACE
from falsestart.resource import (
    ATTRIBUTE_LIMIT,
    Target,
    find_resource,
    find_target,
    otel_attributes,
    trace_resource,
)

NOTHING = {"service.name": None, "service.version": None}


def test_cloud_run_names_service_and_release() -> None:
    found = find_resource(NOTHING, {"K_SERVICE": "chat", "K_REVISION": "chat-00742"})
    assert (found["service.name"], found["service.version"]) == ("chat", "chat-00742")


def test_a_pod_is_named_by_its_labels_and_told_apart_by_namespace_name_and_container() -> None:
    environ = {
        "KUBERNETES_SERVICE_HOST": "10.0.0.1",
        "HOSTNAME": "chat-7f9c-x2x",
        "OTEL_RESOURCE_ATTRIBUTES": "k8s.container.name=app,service.version=r8",
    }
    files = {LABELS: 'app.kubernetes.io/name="chat"\napp.kubernetes.io/version="r7"\n', NAMESPACE: "prod"}
    found = find_resource(NOTHING, environ, lambda path: files.get(path, ""))
    assert found == {
        "service.name": "chat",
        "service.version": "r8",
        "service.instance.id": "prod.chat-7f9c-x2x.app",
        "host.name": socket.gethostname(),
        "k8s.namespace.name": "prod",
        "k8s.pod.name": "chat-7f9c-x2x",
        "k8s.container.name": "app",
    }


def test_an_instance_that_opentelemetry_names_wins_over_the_one_that_is_composed() -> None:
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "chat-7f9c-x2x"}
    by_otel = {**environ, "OTEL_RESOURCE_ATTRIBUTES": "service.instance.id=otel"}
    named = [find_resource(NOTHING, each, lambda _: "")["service.instance.id"] for each in (environ, by_otel)]
    assert named == ["chat-7f9c-x2x", "otel"]


def test_each_attribute_says_where_it_came_from() -> None:
    environ = {"K_SERVICE": "k", "OTEL_SERVICE_NAME": "chat", "K_REVISION": "r7"}
    found = trace_resource({"service.version": "r8"}, environ, lambda _: "")
    assert (found["service.name"], found["service.version"]) == (
        ("chat", "OTEL_SERVICE_NAME"),
        ("r8", "argument"),
    )


def test_what_the_server_reads_comes_before_what_there_is_no_room_for() -> None:
    text = ",".join(f"k8s.x{n}=v" for n in range(100)) + ",service.version=7"
    found = find_resource({}, {"OTEL_RESOURCE_ATTRIBUTES": text})
    assert (len(found), found["service.version"]) == (ATTRIBUTE_LIMIT, "7")


def test_opentelemetry_wins_over_cloud_run_and_an_argument_over_both() -> None:
    environ = {"K_SERVICE": "k", "OTEL_RESOURCE_ATTRIBUTES": "service.name=attribute,service.version=7"}
    by_attribute = find_resource(NOTHING, environ)["service.name"]
    by_name = find_resource(NOTHING, {**environ, "OTEL_SERVICE_NAME": "otel"})["service.name"]
    given = find_resource({"service.name": "given"}, {**environ, "OTEL_SERVICE_NAME": "otel"})["service.name"]
    assert (by_attribute, by_name, given) == ("attribute", "otel", "given")


def test_attribute_values_are_percent_decoded() -> None:
    text = "service.version=1.0%2Bb%2C2, deployment.environment.name=sta ging,broken,=x"
    expected = {"service.version": "1.0+b,2", "deployment.environment.name": "sta ging"}
    assert otel_attributes(text) == expected


def test_the_former_name_of_the_environment_still_counts() -> None:
    found = find_resource(NOTHING, {"OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=prod"})
    assert found["deployment.environment.name"] == "prod"


def test_attributes_that_do_not_say_where_it_runs_stay_here() -> None:
    found = find_resource(NOTHING, {"OTEL_RESOURCE_ATTRIBUTES": "team.token=s3cret,cloud.region=eu"})
    assert found == {"cloud.region": "eu", "host.name": socket.gethostname()}


def test_a_name_that_is_too_long_is_no_name() -> None:
    assert "service.name" not in find_resource({"service.name": "x" * 201}, {})


def test_the_endpoint_may_have_a_path_or_be_the_whole_address() -> None:
    urls = [
        find_target(endpoint, "k", {})
        for endpoint in ("http://h:1", "https://h/fs/", "http://h/api/v1/batches")
    ]
    assert urls == [
        Target(url="http://h:1/api/v1/batches", key="k"),
        Target(url="https://h/fs/api/v1/batches", key="k"),
        Target(url="http://h/api/v1/batches", key="k"),
    ]


def test_nobody_asked_means_no_target_and_no_complaint() -> None:
    assert find_target(None, None, {}) is None


@pytest.mark.parametrize(
    ("endpoint", "key", "sentence"),
    [
        ("http://h", "", "FALSESTART_ENDPOINT is set but FALSESTART_KEY is not"),
        ("http://h", "a\nb", "FALSESTART_KEY holds characters that cannot be in a header"),
        ("ftp://h", "k", "FALSESTART_ENDPOINT is no http(s) URL: 'ftp://h'"),
        ("http://h:port", "k", "FALSESTART_ENDPOINT is no http(s) URL: 'http://h:port'"),
        ("http://u:pw@h", "k", "FALSESTART_ENDPOINT is no http(s) URL: 'http://u:***@h'"),
        ("http://", "k", "FALSESTART_ENDPOINT is no http(s) URL: 'http://'"),
    ],
)
def test_a_bad_target_is_told_in_a_sentence(endpoint: str, key: str, sentence: str) -> None:
    environ = {"FALSESTART_ENDPOINT": endpoint, "FALSESTART_KEY": key}
    assert find_target(None, None, environ) == sentence
