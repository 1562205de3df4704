"""The first account: a one-time link, and of several that race one wins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from dockerui.accounts import setup
from dockerui.accounts.models import SetupToken, User
from tests.support.accounts import make_user
from tests.support.postgres import postgres_url

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
FORM = {"username": "admin", "password": PASSWORD}


@pytest.mark.django_db
class TestLink:
    """With Django's test client."""

    def test_it_makes_an_admin_who_is_logged_in(self, client: Client) -> None:
        link = setup.new_link()
        assert client.get(link).status_code == 200
        answer = client.post(link, FORM)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
        assert User.objects.get().role == "admin"
        assert client.get("/accounts/").status_code == 200

    def test_it_works_once(self, client: Client) -> None:
        link = setup.new_link()
        client.post(link, FORM)
        for answer in (Client().get(link), Client().post(link, {**FORM, "username": "second"})):
            assert answer.status_code == 404
        assert User.objects.count() == 1

    def test_it_is_dead_once_there_is_an_account(self, client: Client) -> None:
        link = setup.new_link()
        make_user("mira", "admin")
        assert client.get(link).status_code == 404
        assert client.post(link, FORM).status_code == 404
        assert setup.new_link() is None

    def test_a_newer_link_takes_its_place(self, client: Client) -> None:
        old, new = setup.new_link(), setup.new_link()
        assert client.get(old).status_code == 404
        assert client.get(new).status_code == 200

    def test_a_wrong_link_opens_nothing(self, client: Client) -> None:
        link = setup.new_link()
        for wrong in (link[:-1], link + "x", "/setup/x", "/setup/%00", "/setup/" + "x" * 5000):
            assert client.get(wrong).status_code == 404
            assert client.post(wrong, FORM).status_code == 404
        assert not User.objects.exists()

    def test_its_token_is_long_and_kept_as_a_hash(self) -> None:
        token = setup.new_link().removeprefix("/setup/")
        assert len(token) >= 32  # base64: six bits each, 192 in all
        assert token not in SetupToken.objects.get().digest

    @pytest.mark.parametrize(
        "form",
        [
            {"username": "", "password": PASSWORD},
            {"username": "a b", "password": PASSWORD},
            {"username": "admin\n", "password": PASSWORD},
            {"username": "admin", "password": "short"},
            {"username": "admin", "password": "password1234"},
            {"username": "mira.kernholz", "password": "mira.kernholz"},
        ],
    )
    def test_a_weak_password_or_an_odd_name_is_asked_for_again(
        self, client: Client, form: dict[str, str]
    ) -> None:
        assert client.post(setup.new_link(), form).status_code == 422
        assert not User.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_of_several_that_race_one_wins(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DOCKERUI")}
    environment = {**clean, "DOCKERUI_DATA": str(tmp_path / "data")}
    if database == "postgres":
        environment["DOCKERUI_DATABASE_URL"] = postgres_url(request)
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    code = "from dockerui.accounts import setup; print(setup.new_link())"
    made = subprocess.run(
        [*manage, "shell", "-v0", "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    token = made.stdout.strip().removeprefix("/setup/")
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.accounts.race", token, f"admin{number}"],
            cwd=ROOT,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(4)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    results = sorted(racer.communicate(timeout=60)[0].strip() for racer in racers)
    assert results == ["lost", "lost", "lost", "won"]
