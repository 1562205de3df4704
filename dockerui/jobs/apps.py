"""The Django app that holds jobs and their output."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "dockerui.jobs"
    default_auto_field = "django.db.models.BigAutoField"
