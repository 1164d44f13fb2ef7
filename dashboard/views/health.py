"""For supervisors and load balancers: is the process alive, and may it be sent requests?"""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from dashboard.queries import health


@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while batches can be stored, else 503.

    Redis is told and does not decide: without it pages are late and nothing is lost.
    """
    checks = {"database": health.database(), "redis": health.redis()}
    ready = checks["database"] == "ok"
    return JsonResponse({"status": "ready" if ready else "not ready", **checks}, status=200 if ready else 503)
