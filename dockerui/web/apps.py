"""The Django app of the pages; its start connects what listens to logins."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "dockerui.web"

    def ready(self) -> None:
        """Import the receivers: a login before the first page would otherwise lack its time and place."""
        from dockerui.services import people as people
