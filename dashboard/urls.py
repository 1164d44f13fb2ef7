"""Where every page and endpoint lives."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

import dashboard.paths  # noqa: F401 - registers the converter of names
from dashboard.api.server import api
from dashboard.views.health import healthz, readyz
from dashboard.views.jump import jump
from dashboard.views.live_pages import live_page

urlpatterns = [
    path("", live_page, name="fleet"),
    path("services/<name:service>/<name:environment>/releases/<name:release>/", live_page, name="release"),
    path("boots/<name:ident>/", live_page, name="boot"),
    path("jump/", jump, name="jump"),
    path(
        "sign-in/",
        LoginView.as_view(template_name="sign_in.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("api/", api.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
