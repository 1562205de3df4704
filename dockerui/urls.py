"""The root of all addresses; they live in dockerui/web/urls.py."""

from django.urls import include, path

urlpatterns = [path("", include("dockerui.web.urls"))]
handler400 = "dockerui.web.errors.bad_request"
handler403 = "dockerui.web.errors.forbidden"
handler404 = "dockerui.web.errors.not_found"
handler500 = "dockerui.web.errors.server_error"
