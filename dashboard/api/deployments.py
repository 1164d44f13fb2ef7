"""Deployments: told by pipelines, listed for everybody who may read."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from dashboard.api import cursor, documents, problems, shapes
from dashboard.api.access import WriteKey
from dashboard.api.parameters import DeploymentsAsked, check_names
from dashboard.api.reads import Request, answer
from dashboard.queries import deployments
from ingest import live
from ingest.auth import Grant
from ingest.store import deployments as store
from ingest.wire import deployment as wire
from ingest.wire.batch import Refused

PATH = "/v1/deployments"

router = Router()


class WriteRequest(HttpRequest):
    """A request whose sender may write."""

    auth: Grant


@router.get(
    PATH,
    response=shapes.Deployments,
    operation_id="list_deployments",
    summary="List deployments",
    tags=["read"],
)
def list_deployments(request: Request, asked: Query[DeploymentsAsked]) -> HttpResponse:
    """Deployments newest first."""
    check_names(request, DeploymentsAsked)
    page = deployments.listed(request.auth, asked.filters(), asked.next, asked.limit)
    return answer(documents.deployments(page.rows, cursor.write_position(page.end)))


@router.post(
    PATH,
    auth=WriteKey(),
    response={200: shapes.Deployment, 201: shapes.Deployment},
    operation_id="record_deployment",
    summary="Tell of a deployment",
    tags=["report"],
)
def record_deployment(request: WriteRequest) -> HttpResponse:
    """Marks when a release was put into an environment, and by whom.

    Stored before it is answered. The same release at the same `at` again changes nothing, and answers 200
    with what is stored.
    """
    told = _read(request)
    if not request.auth.allows(told.service, told.environment):
        detail = f"This key may not write for {told.service} in {told.environment}."
        raise problems.Problem(403, "Forbidden", detail)
    now = timezone.now()
    recorded = store.record(
        store.Told(
            service=told.service,
            environment=told.environment,
            release=told.release,
            at=told.at or now,
            by=told.by or "",
            url=told.url or "",
        ),
        now,
    )
    if recorded.new:
        live.publish([_changed(told, recorded.mark)])
    document = documents.deployment(deployments.find(recorded.key))
    return answer(document, status=201 if recorded.new else 200)


def _read(request: HttpRequest) -> wire.Deployed:
    if request.content_type != "application/json":
        raise problems.Problem(415, "Unsupported media type", "Send `Content-Type: application/json`.")
    try:
        return wire.decode(request.body)
    except RequestDataTooBig:
        detail = f"A deployment may have {wire.MAX_BODY} bytes."
        raise problems.Problem(413, "Too large", detail) from None
    except Refused as refused:
        raise problems.refused(refused) from None


def _changed(told: wire.Deployed, mark: int) -> live.Changed:
    return live.Changed(
        type="live.changed",
        boot="",
        service=told.service,
        environment=told.environment,
        release=told.release,
        mark=mark,
    )
