"""The Django app that holds accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "dockerui.accounts"
    default_auto_field = "django.db.models.BigAutoField"
