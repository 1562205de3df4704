"""The Django app that holds the audit log."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "dockerui.audit"
    default_auto_field = "django.db.models.BigAutoField"
