"""Every address. Names are the Engine's operations where there is one: container-start, image-list."""

from __future__ import annotations

from django.urls import path

from dockerui.web.views import accounts, audit, containers_list, health

urlpatterns = [
    path("", health.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("engine", health.engine_state, name="engine-state"),
    path("login", accounts.login_view, name="login"),
    path("logout", accounts.logout_view, name="logout"),
    path("setup/<str:token>", accounts.setup_view, name="setup"),
    path("containers/", containers_list.container_list, name="container-list"),
    path("containers/bulk/<slug:action>", containers_list.container_bulk, name="container-bulk"),
    path("account/", accounts.account_view, name="account"),
    path("account/sessions/<str:handle>/end", accounts.session_end, name="session-end"),
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/<int:user_id>/change", accounts.account_change, name="account-change"),
    path("audit/", audit.audit_list, name="audit-list"),
    path("audit/export", audit.audit_export, name="audit-export"),
]
