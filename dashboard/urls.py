"""Where every page and endpoint lives."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

import dashboard.paths  # noqa: F401 - registers the converter of names
from dashboard.api.server import api
from dashboard.views import people
from dashboard.views.account import SetPassword, account
from dashboard.views.audit import audit
from dashboard.views.contracts import contract, contract_edit, contract_list
from dashboard.views.health import healthz, readyz
from dashboard.views.jump import jump
from dashboard.views.keys import key_list, key_new, key_revoke
from dashboard.views.live_pages import live_page
from dashboard.views.sections import landing

PLACE = "settings/contracts/<name:service>/<name:environment>/"

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
    path("set-password/<uidb64>/<token>/", SetPassword.as_view(), name="set-password"),
    path("settings/", landing, name="settings"),
    path("settings/contracts/", contract_list, name="contracts"),
    path(PLACE, contract, name="contract"),
    path(f"{PLACE}edit/", contract_edit, name="contract-edit"),
    path("settings/keys/", key_list, name="keys"),
    path("settings/keys/new/", key_new, name="key-new"),
    path("settings/keys/<int:pk>/revoke/", key_revoke, name="key-revoke"),
    path("settings/people/", people.person_list, name="people"),
    path("settings/people/new/", people.person_new, name="person-new"),
    path("settings/people/unlock/", people.unlock, name="unlock"),
    path("settings/people/<int:pk>/", people.person, name="person"),
    path("settings/people/<int:pk>/deactivate/", people.person_deactivate, name="person-deactivate"),
    path("settings/people/<int:pk>/reactivate/", people.person_reactivate, name="person-reactivate"),
    path("settings/people/<int:pk>/reset/", people.person_reset, name="person-reset"),
    path("settings/audit/", audit, name="audit"),
    path("settings/account/", account, name="account"),
    path("api/", api.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
