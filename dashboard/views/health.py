"""For supervisors, load balancers and people: is the process alive, and does the product work?"""

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from dashboard.queries import health

DECISIVE = ("database", "migrations")  # without these no batch can be stored


@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while batches can be stored, else 503; say what else is wrong, and how much.

    Broker, workers and lag are told and do not decide: a balancer that took web processes away for a
    worker's fault would lose what they can still store.
    """
    checks = {**health.stored(), **health.carried(), "queue": health.queue(timezone.now())}
    wrong = {name for name, check in checks.items() if check.state != "ok"}
    refused = not wrong.isdisjoint(DECISIVE)
    status = "not ready" if refused else "degraded" if wrong else "ready"
    document = {"status": status, "checks": {name: asdict(check) for name, check in checks.items()}}
    return JsonResponse(document, status=503 if refused else 200)
