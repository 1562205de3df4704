"""Every address. Names are the Engine's operations where there is one: container-start, image-list."""

from __future__ import annotations

from django.urls import path

from dockerui.web.views import (
    accounts,
    audit,
    container_actions,
    container_create,
    containers,
    containers_list,
    health,
    jobs,
    palette,
)

urlpatterns = [
    path("", health.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("engine", health.engine_state, name="engine-state"),
    path("login", accounts.login_view, name="login"),
    path("logout", accounts.logout_view, name="logout"),
    path("setup/<str:token>", accounts.setup_view, name="setup"),
    path("palette.json", palette.palette, name="palette"),
    path("containers/", containers_list.container_list, name="container-list"),
    path("containers/bulk/<slug:action>", containers_list.container_bulk, name="container-bulk"),
    path("containers/new", container_create.container_create, name="container-create"),
    path("containers/<str:ref>/", containers.container_detail, name="container-detail"),
    path("containers/<str:ref>/header", containers.container_header, name="container-header"),
    path("containers/<str:ref>/stats/", containers.container_stats, name="container-stats"),
    path("containers/<str:ref>/processes/", containers.container_top, name="container-top"),
    path("containers/<str:ref>/changes/", containers.container_changes, name="container-changes"),
    path("containers/<str:ref>/inspect/", containers.container_inspect, name="container-inspect"),
    path("containers/<str:ref>/reveal", containers.container_reveal, name="container-reveal"),
    path("containers/<str:ref>/start", container_actions.container_start, name="container-start"),
    path("containers/<str:ref>/stop", container_actions.container_stop, name="container-stop"),
    path("containers/<str:ref>/restart", container_actions.container_restart, name="container-restart"),
    path("containers/<str:ref>/kill", container_actions.container_kill, name="container-kill"),
    path("containers/<str:ref>/pause", container_actions.container_pause, name="container-pause"),
    path("containers/<str:ref>/unpause", container_actions.container_unpause, name="container-unpause"),
    path("containers/<str:ref>/rename", container_actions.container_rename, name="container-rename"),
    path("containers/<str:ref>/update", container_actions.container_update, name="container-update"),
    path("containers/<str:ref>/remove", container_actions.container_remove, name="container-remove"),
    path("containers/<str:ref>/edit", container_create.container_edit, name="container-edit"),
    path("containers/<str:ref>/recreate", container_create.container_recreate, name="container-recreate"),
    path("containers/<str:ref>/rollback", container_create.container_rollback, name="container-rollback"),
    path("containers/<str:ref>/discard", container_create.replacement_discard, name="replacement-discard"),
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/<uuid:job_id>/", jobs.job_detail, name="job-detail"),
    path("jobs/<uuid:job_id>/cancel", jobs.job_cancel, name="job-cancel"),
    path("account/", accounts.account_view, name="account"),
    path("account/sessions/<str:handle>/end", accounts.session_end, name="session-end"),
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/<int:user_id>/change", accounts.account_change, name="account-change"),
    path("audit/", audit.audit_list, name="audit-list"),
    path("audit/export", audit.audit_export, name="audit-export"),
]
