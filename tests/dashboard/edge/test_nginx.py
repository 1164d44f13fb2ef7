"""The configuration of nginx that the documentation gives, run by a real nginx."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.dashboard.edge.test_behind_proxies import database
from tests.engines import LOOPBACK, pick_port, wait_until
from tests.ingest.receive.web import TIMEOUT, running

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]

GUIDE = Path(__file__).parents[3] / "docs/deployment.md"
PORTS = range(27_000, 28_000)
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
WHOLE = """
daemon off; worker_processes 1; error_log {place}/error.log; pid {place}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi; uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
  {map}
  server {{ listen {address}; {location} }}
}}
"""


@pytest.fixture(scope="module")
def outside(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,  # noqa: ARG001 - the web process reads that database
    redis_url: str,  # noqa: ARG001 - and tells that server
) -> Iterator[str]:
    """Where nginx serves the product, without a slash at the end."""
    if NGINX is None:
        pytest.skip("no nginx here: its part of docs/deployment.md is not tried")
    place, port = tmp_path_factory.mktemp("nginx"), pick_port(PORTS)
    with running(database(), BASE_PATH="/falsestart", TRUSTED_PROXIES=LOOPBACK) as web:
        guide = GUIDE.read_text()
        location = re.findall(r"```nginx\n(.*?)```", guide, re.DOTALL)[0].replace(":8011", f":{web.port}")
        mapped = re.findall(r"`(map \$http_upgrade [^`]*)`", guide)[0]
        whole = WHOLE.format(place=place, map=mapped, address=f"{LOOPBACK}:{port}", location=location)
        (place / "nginx.conf").write_text(whole)
        command = [NGINX, "-e", str(place / "error.log"), "-p", str(place), "-c", str(place / "nginx.conf")]
        process = subprocess.Popen(command)
        url = f"http://{LOOPBACK}:{port}/falsestart"
        try:
            wait_until(lambda: answers(process, url), "nginx", TIMEOUT)
            yield url
        finally:
            process.terminate()
            process.wait(TIMEOUT)


def answers(process: "subprocess.Popen[bytes]", url: str) -> bool:
    """Whether it answers; fails loudly where it ended instead."""
    assert process.poll() is None
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_links_and_redirects_stay_below_the_path(outside: str) -> None:
    page = httpx.get(f"{outside}/boots/x/", follow_redirects=True)
    assert page.url == f"{outside}/sign-in/?next=/falsestart/boots/x/"
    links = re.findall(r'(?:src|href|action)="(/[^"]*)"', page.text)
    assert [link for link in links if not link.startswith("/falsestart/")] == []
    origin = outside.removesuffix("/falsestart")
    assert {httpx.get(origin + link).status_code for link in links} == {200}
    assert "; Path=/falsestart" in page.headers["set-cookie"]


def test_the_path_alone_leads_to_its_page(outside: str) -> None:
    assert httpx.get(outside).headers["location"].endswith("/falsestart/")


def test_the_description_of_the_api_says_where_it_is(outside: str) -> None:
    document = httpx.get(f"{outside}/api/openapi.json").json()
    assert (document["servers"], "/api/v1/boots" in document["paths"]) == ([{"url": "/falsestart"}], True)
    assert httpx.get(f"{outside}/api/v1/boots").status_code == 401


def test_the_receiver_is_below_the_path_too(outside: str) -> None:
    answer = httpx.post(f"{outside}/api/v1/batches", json={})
    assert (answer.status_code, answer.json()["detail"]) == (401, "Send `Authorization: Bearer <key>`.")


def test_a_live_page_opens_through_nginx(outside: str) -> None:
    origin = Origin(outside.removesuffix("/falsestart"))
    address = f"{outside.replace('http', 'ws', 1)}/live/?page=/falsestart/"
    with connect(address, origin=origin) as live, pytest.raises(ConnectionClosedError) as closed:
        live.recv(TIMEOUT)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
