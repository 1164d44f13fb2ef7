from pathlib import Path

import pytest
from falsestart import platforms
from falsestart.platforms import ANNOTATIONS, LABELS, NAMESPACE, Named

IN_KUBERNETES = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}


def values(found: Named) -> dict[str, str]:
    return {name: value for name, (value, _) in found.items()}


def nothing(_path: str) -> str:
    return ""


def test_a_service_of_cloud_run_is_its_service_and_revision_and_its_instance_stays_unknown() -> None:
    environ = {"K_SERVICE": "chat", "K_REVISION": "chat-00742", "K_CONFIGURATION": "chat"}
    assert platforms.cloud_run(environ) == {
        "service.name": ("chat", "K_SERVICE"),
        "service.version": ("chat-00742", "K_REVISION"),
        "faas.name": ("chat", "K_SERVICE"),
        "faas.version": ("chat-00742", "K_REVISION"),
        "cloud.platform": ("gcp_cloud_run", "K_SERVICE"),
    }


def test_a_task_of_a_cloud_run_job_is_an_instance_of_its_own() -> None:
    environ = {
        "CLOUD_RUN_JOB": "nightly",
        "CLOUD_RUN_EXECUTION": "nightly-x7k",
        "CLOUD_RUN_TASK_INDEX": "3",
        "CLOUD_RUN_TASK_ATTEMPT": "0",
    }
    assert values(platforms.cloud_run(environ)) == {
        "service.name": "nightly",
        "service.instance.id": "nightly-x7k-3",
        "faas.name": "nightly",
        "cloud.platform": "gcp_cloud_run",
        "gcp.cloud_run.job.execution": "nightly-x7k",
        "gcp.cloud_run.job.task_index": "3",
    }


def test_knative_in_kubernetes_is_not_called_cloud_run() -> None:
    assert "cloud.platform" not in platforms.cloud_run({**IN_KUBERNETES, "K_SERVICE": "chat"})


@pytest.mark.parametrize("environ", [{}, {"K_REVISION": "r"}, {"CLOUD_RUN_TASK_INDEX": "0"}])
def test_elsewhere_nothing_is_said_of_cloud_run(environ: dict[str, str]) -> None:
    assert platforms.cloud_run(environ) == {}


@pytest.mark.parametrize(
    ("variable", "attribute"),
    [
        ("POD_NAME", "k8s.pod.name"),
        ("MY_POD_NAME", "k8s.pod.name"),
        ("OTEL_RESOURCE_ATTRIBUTES_POD_NAME", "k8s.pod.name"),
        ("POD_UID", "k8s.pod.uid"),
        ("POD_NAMESPACE", "k8s.namespace.name"),
        ("NODE_NAME", "k8s.node.name"),
        ("OTEL_RESOURCE_ATTRIBUTES_NODE_NAME", "k8s.node.name"),
        ("CONTAINER_NAME", "k8s.container.name"),
    ],
)
def test_the_usual_variables_of_the_downward_api_are_known(variable: str, attribute: str) -> None:
    found = platforms.kubernetes({**IN_KUBERNETES, variable: "x"}, nothing)
    assert found == {attribute: ("x", variable)}


def test_a_variable_of_that_name_means_something_else_outside_kubernetes() -> None:
    assert platforms.kubernetes({"NODE_NAME": "build-3", "HOSTNAME": "h"}, nothing) == {}


def test_a_pods_name_is_its_hosts_unless_it_is_told() -> None:
    names = [
        platforms.kubernetes({**IN_KUBERNETES, "HOSTNAME": "h", **told}, nothing)["k8s.pod.name"]
        for told in ({}, {"POD_NAME": "p"})
    ]
    assert names == [("h", "HOSTNAME"), ("p", "POD_NAME")]


def test_files_of_the_downward_api_are_read_and_annotations_win_over_labels() -> None:
    files = {
        LABELS: 'app.kubernetes.io/name="chat"\napp.kubernetes.io/version="r7"\ntier="back"\n',
        ANNOTATIONS: 'resource.opentelemetry.io/service.name="the \\"chat\\""\nother="x"\n',
        NAMESPACE: "prod\n",
    }
    assert platforms.kubernetes(IN_KUBERNETES, lambda path: files.get(path, "")) == {
        "service.name": ('the "chat"', "annotation resource.opentelemetry.io/service.name"),
        "service.version": ("r7", "label app.kubernetes.io/version"),
        "k8s.namespace.name": ("prod", NAMESPACE),
    }


def test_lines_that_are_no_pairs_are_left_out() -> None:
    assert platforms.key_values('a="1"\nbroken\n="x"\nb=2\nc="half\n') == {"a": "1", "b": "2", "c": "half"}


def test_an_instance_is_composed_only_of_what_is_known_and_not_without_a_pod() -> None:
    pod: Named = {"k8s.pod.name": ("p", "POD_NAME")}
    whole: Named = {**pod, "k8s.namespace.name": ("n", "POD_NAMESPACE"), "k8s.container.name": ("c", "X")}
    composed = [platforms.instance_of(each) for each in (pod, whole, {"k8s.namespace.name": ("n", "N")})]
    assert composed == [
        {"service.instance.id": ("p", "POD_NAME")},
        {"service.instance.id": ("n.p.c", "POD_NAMESPACE, POD_NAME, X")},
        {},
    ]


def test_a_file_that_is_not_there_is_empty_and_a_huge_one_is_cut(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    huge.write_text("x" * 100_000)
    assert (platforms.read_text("/no/such/file"), len(platforms.read_text(str(huge)))) == ("", 65_536)
