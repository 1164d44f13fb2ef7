"""The API as one thing: its routes, who may use them, how answers are written, what it says of itself."""

from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI

from dashboard.api import openapi, problems
from dashboard.api.access import ReadKey, Session
from dashboard.api.deployments import router as deployments
from dashboard.api.reads import router as reads


class Api(NinjaAPI):
    """The read API with a description that covers the receiver too."""

    def get_openapi_schema(  # type: ignore[override]
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the OpenAPI document."""
        # The base path belongs to the server, and every address is told from there on.
        prefix = path_prefix or self.get_root_path(path_params or {}).removeprefix(settings.BASE_PATH)
        return openapi.complete(super().get_openapi_schema(path_prefix=prefix, path_params=path_params))

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        routes = super()._get_urls()
        for route in routes:
            if isinstance(route, URLPattern):
                route.callback = problems.explained(route.callback)
        return routes


api = Api(
    title="Falsestart",
    version="1",
    description="What happened while services started, and why their WebSockets failed.",
    auth=[ReadKey(), Session()],
    docs_url="/docs",
    urls_namespace="api",
    servers=[{"url": settings.BASE_PATH or "/"}],
)
problems.install(api)
api.add_router("", deployments)
api.add_router("", reads)  # Last, since it answers for what is nowhere else.
