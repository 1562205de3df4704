"""The Django app."""

from django.apps import AppConfig


class RegistriesConfig(AppConfig):
    """Registries."""

    name = "dockerui.registries"
    label = "registries"
