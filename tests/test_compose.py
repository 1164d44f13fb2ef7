"""The deployment files promise order, secrets without defaults, and an image that is small and not root."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PRODUCT = ("migrate", "web", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SUBSTITUTION = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
PIN = re.compile(r"^([\w.-]+)==([^\s\\;]+)", re.MULTILINE)


def substitutions() -> set[tuple[str, str]]:
    """Each variable that the file asks for, with what follows its name."""
    return {
        (found["name"], found["rest"])
        for found in SUBSTITUTION.finditer((ROOT / "docker-compose.yml").read_text())
    }


def pins(path: str) -> set[tuple[str, str]]:
    """The exact versions of a requirements file."""
    return set(PIN.findall((ROOT / path).read_text()))


def named(requirement: str) -> str:
    """The name in a requirement, as a pin spells it."""
    return re.split(r"[\[<>=]", requirement)[0].replace(".", "-")


def conditions(service: str) -> dict[str, str]:
    """What a service waits for."""
    return {name: waits["condition"] for name, waits in SERVICES[service].get("depends_on", {}).items()}


def test_the_deployment_has_every_part_of_the_product() -> None:
    """Two stores, a one-shot migration, three processes and a proxy."""
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "beat", "proxy"}


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_has_a_health_check(service: str) -> None:
    """What waits for it would otherwise wait for a process and not for its work."""
    assert set(SERVICES[service]["healthcheck"]) == {"test", "interval", "timeout", "retries", "start_period"}


def test_the_migration_runs_once_the_database_is_healthy() -> None:
    """It ends, and is not started again."""
    assert (conditions("migrate"), SERVICES["migrate"]["restart"]) == ({"postgres": "service_healthy"}, "no")


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_processes_start_after_the_migration_and_both_stores(service: str) -> None:
    """A product about startup races must not have one of its own."""
    assert conditions(service) == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


def test_the_proxy_opens_its_port_after_the_web_process_is_ready() -> None:
    """Listening before ready is the exposure that the product warns of."""
    assert conditions("proxy") == {"web": "service_healthy"}


@pytest.mark.parametrize("secret", ["SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "DOMAIN"])
def test_no_secret_has_a_default(secret: str) -> None:
    """Each use either demands the value with a sentence or follows one that does."""
    uses = {rest for name, rest in substitutions() if name == secret}
    assert all(rest == "" or rest.startswith(f":?set {secret} in .env") for rest in uses)
    assert uses != {""}


def test_the_example_names_exactly_the_variables_that_are_asked_for() -> None:
    """Whoever copies it has seen them all."""
    named = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named == {name for name, _ in substitutions()}


def test_the_example_holds_no_secret() -> None:
    """A password in an example becomes the password of a deployment."""
    filled = re.findall(r"^(\w+)=(?=\S)", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(filled) & {"SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "DOMAIN"} == set()


def test_only_the_proxy_is_reachable_from_outside() -> None:
    """The stores are on a network without a way out."""
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert (SERVICES["postgres"]["networks"], SERVICES["redis"]["networks"]) == (["data"], ["data"])
    assert COMPOSE["networks"]["data"] == {"internal": True}


def test_what_must_last_is_on_volumes() -> None:
    """Rows, queued work and certificates survive a new container."""
    mounted = {
        name: [volume.split(":")[0] for volume in SERVICES[name]["volumes"]] for name in ("postgres", "redis")
    }
    assert mounted == {"postgres": ["postgres"], "redis": ["redis"]}
    assert set(COMPOSE["volumes"]) == {"postgres", "redis", "certificates", "proxy"}


def test_redis_keeps_an_append_only_file() -> None:
    """Queued work survives a restart."""
    assert "--appendonly yes" in SERVICES["redis"]["command"][-1]


@pytest.mark.parametrize("service", PRODUCT)
def test_product_containers_can_change_nothing_but_their_state(service: str) -> None:
    """A read-only file system, no capabilities, no way to gain any."""
    found = {name: SERVICES[service][name] for name in ("read_only", "cap_drop", "security_opt")}
    assert found == {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}


def test_the_proxy_passes_everything_to_the_web_process() -> None:
    """WebSockets too: Caddy upgrades what its upstream upgrades."""
    assert "reverse_proxy web:8011" in (ROOT / ".docker/Caddyfile").read_text()


def as_composed(name: str, value: str) -> str:
    """A variable of the product's containers as compose would fill it in."""
    secret = "hV3kq8Zr-5Wc_1Yt7Bn0Lx9Pd2Fs4Gj6Ma8Ue1Ko3Qi5RwTz7Nb2"
    given = {"DOMAIN": "falsestart.example.com", "SECRET_KEY": secret}
    filled = SUBSTITUTION.sub(lambda found: _filled(given, found["name"], found["rest"]), value)
    assert "$" not in filled, name
    return filled


def _filled(given: dict[str, str], name: str, rest: str) -> str:
    return given.get(name) or (rest.removeprefix(":-") if rest.startswith(":-") else "filled")


def test_django_has_nothing_to_say_against_the_deployment(tmp_path: Path) -> None:
    """Every warning of `check --deploy` is an error here."""
    given = {name: as_composed(name, value) for name, value in SERVICES["web"]["environment"].items()}
    command = [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    home = {"FALSESTART_HOME": str(tmp_path / "home")}
    checked = subprocess.run(
        command, cwd=ROOT, env=os.environ | home | given, check=False, capture_output=True, text=True
    )
    assert (checked.stderr, checked.returncode) == ("", 0)


def test_only_the_proxy_is_believed() -> None:
    """Its network is one that nobody else reaches, and the web process believes that one alone."""
    subnets = [config["subnet"] for config in COMPOSE["networks"]["front"]["ipam"]["config"]]
    assert subnets == [SERVICES["web"]["environment"]["TRUSTED_PROXIES"]]
    assert "--proxy-headers" not in DOCKERFILE


def test_the_image_does_not_run_as_root() -> None:
    """The last user before the command counts."""
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE) == ["falsestart"]


def test_the_image_copies_only_the_product() -> None:
    """No tests, no state, no .env: the build is not even sent them."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert allowed == {
        ".docker/requirements.txt",
        "manage.py",
        "ingest",
        "dashboard",
        "ingest/probe/falsestart",  # By which the product tells of its own start.
    }


def test_the_image_installs_the_versions_that_were_tested() -> None:
    """Its requirements are a part of the development ones, with the same pins and with hashes."""
    assert pins(".docker/requirements.txt") - pins("requirements.txt") == set()
    assert "--require-hashes" in DOCKERFILE


def test_the_image_has_every_dependency_and_no_test_tool() -> None:
    """Each core dependency is pinned; no tool of the `dev` extra is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    installed = {name for name, _ in pins(".docker/requirements.txt")}
    needed = {named(line) for line in project["dependencies"]}
    tools = {named(line) for line in project["optional-dependencies"]["dev"]}
    assert (needed - installed, tools & installed) == (set(), set())
