"""What Cloud Run and Kubernetes tell a process about itself. Nothing is asked over a network."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

SECRETS = "/var/run/secrets/kubernetes.io/serviceaccount"
NAMESPACE = f"{SECRETS}/namespace"
LABELS = "/etc/podinfo/labels"  # where the manifests in Kubernetes' documentation mount the downward API
ANNOTATIONS = "/etc/podinfo/annotations"
ANNOTATION = "resource.opentelemetry.io/"
FILE_LIMIT = 65_536  # characters of a file that are read

Named = dict[str, tuple[str, str]]
"""Attribute name to its value and where it came from."""

Read = Callable[[str], str]
"""A file's text by path; empty where there is none."""

# Attribute to the variables that manifests commonly give it by `fieldRef`, the first one set wins.
POD_VARIABLES = {
    "k8s.pod.name": ("POD_NAME", "K8S_POD_NAME", "MY_POD_NAME", "OTEL_RESOURCE_ATTRIBUTES_POD_NAME"),
    "k8s.pod.uid": ("POD_UID", "K8S_POD_UID", "MY_POD_UID", "OTEL_RESOURCE_ATTRIBUTES_POD_UID"),
    "k8s.namespace.name": ("POD_NAMESPACE", "K8S_NAMESPACE", "MY_POD_NAMESPACE"),
    "k8s.node.name": ("NODE_NAME", "K8S_NODE_NAME", "MY_NODE_NAME", "OTEL_RESOURCE_ATTRIBUTES_NODE_NAME"),
    "k8s.container.name": ("CONTAINER_NAME", "K8S_CONTAINER_NAME", "MY_CONTAINER_NAME"),
}
SERVICE_LABELS = {
    "service.name": "app.kubernetes.io/name",
    "service.version": "app.kubernetes.io/version",
}
CLOUD_RUN_SERVICE = {
    "service.name": "K_SERVICE",
    "service.version": "K_REVISION",
    "faas.name": "K_SERVICE",
    "faas.version": "K_REVISION",
}
CLOUD_RUN_JOB = {
    "service.name": "CLOUD_RUN_JOB",
    "faas.name": "CLOUD_RUN_JOB",
    "gcp.cloud_run.job.execution": "CLOUD_RUN_EXECUTION",
    "gcp.cloud_run.job.task_index": "CLOUD_RUN_TASK_INDEX",
}
JOB_TASK = {"gcp.cloud_run.job.execution", "gcp.cloud_run.job.task_index"}
INSTANCE_PARTS = ("k8s.namespace.name", "k8s.pod.name", "k8s.container.name")


def read_text(path: str) -> str:
    """The beginning of a file; empty where it cannot be read."""
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            return file.read(FILE_LIMIT)
    except OSError:
        return ""


def cloud_run(environ: Mapping[str, str]) -> Named:
    """What Cloud Run, or Knative, says of a service or of a task of a job.

    The instance of a service is known to the metadata server alone. It is not asked: a batch would have to
    wait for it, or name another instance than the one after it.
    """
    found = _variables(CLOUD_RUN_SERVICE if environ.get("K_SERVICE") else CLOUD_RUN_JOB, environ)
    if "faas.name" not in found:
        return {}
    if not in_kubernetes(environ):
        found["cloud.platform"] = ("gcp_cloud_run", found["faas.name"][1])
    if found.keys() >= JOB_TASK:
        found["service.instance.id"] = _joined("-", [found[name] for name in sorted(JOB_TASK)])
    return found


def in_kubernetes(environ: Mapping[str, str]) -> bool:
    """Whether this is a container of a pod: elsewhere `NODE_NAME` and its like mean something else."""
    return bool(environ.get("KUBERNETES_SERVICE_HOST"))


def kubernetes(environ: Mapping[str, str], read: Read) -> Named:
    """What the downward API says of a pod, by variables and by files; nothing outside Kubernetes."""
    if not in_kubernetes(environ):
        return {}
    return {**_labels(read(LABELS)), **_annotations(read(ANNOTATIONS)), **_pod(environ, read)}


def instance_of(attributes: Mapping[str, tuple[str, str]]) -> Named:
    """The instance that a pod's container is, as OpenTelemetry composes it; nothing without a pod's name."""
    if "k8s.pod.name" not in attributes:
        return {}
    parts = [attributes[name] for name in INSTANCE_PARTS if name in attributes]
    return {"service.instance.id": _joined(".", parts)}


def key_values(text: str) -> dict[str, str]:
    """Lines `key="value"` of a downward API file; lines that are none are left out."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {key: _unquoted(value) for key, equals, value in pairs if equals and key}


def _unquoted(value: str) -> str:
    try:
        return str(json.loads(value))
    except ValueError:
        return value.strip('"')


def _joined(by: str, parts: Sequence[tuple[str, str]]) -> tuple[str, str]:
    return by.join(value for value, _ in parts), ", ".join(dict.fromkeys(source for _, source in parts))


def _pod(environ: Mapping[str, str], read: Read) -> Named:
    found: Named = {}
    for attribute, variables in POD_VARIABLES.items():
        for variable in reversed(variables):
            found |= _variables({attribute: variable}, environ)
    if namespace := read(NAMESPACE).strip():
        found.setdefault("k8s.namespace.name", (namespace, NAMESPACE))
    if host := environ.get("HOSTNAME"):
        # The kubelet gives a container its pod's name, unless the manifest says otherwise.
        found.setdefault("k8s.pod.name", (host, "HOSTNAME"))
    return found


def _labels(text: str) -> Named:
    labels = key_values(text)
    return {
        attribute: (labels[label], f"label {label}")
        for attribute, label in SERVICE_LABELS.items()
        if labels.get(label)
    }


def _annotations(text: str) -> Named:
    return {
        name.removeprefix(ANNOTATION): (value, f"annotation {name}")
        for name, value in key_values(text).items()
        if name.startswith(ANNOTATION) and value
    }


def _variables(names: Mapping[str, str], environ: Mapping[str, str]) -> Named:
    return {
        attribute: (environ[variable], variable)
        for attribute, variable in names.items()
        if environ.get(variable)
    }
