"""tcp with TLS: client certificates, verification, and what goes wrong."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerui.engine import TLS, Endpoint, Engine, errors

from .certificates import Authority
from .raw_server import RawServer, serving


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tls") / "certs")
    made.issue("server-", "127.0.0.1")
    made.issue("other-", "127.0.0.9")
    made.issue("", "127.0.0.1")
    return made


@pytest.fixture
def tls(authority: Authority) -> TLS:
    folder = authority.folder
    return TLS(ca=authority.ca, cert=str(folder / "cert.pem"), key=str(folder / "key.pem"))


def server_context(authority: Authority, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(authority.folder / f"{name}-cert.pem", authority.folder / f"{name}-key.pem")
    return context


@pytest.fixture
def server(authority: Authority) -> Iterator[RawServer]:
    with serving("127.0.0.1", server_context(authority, "server")) as running:
        yield running


def engine_at(server: RawServer, tls: TLS | None) -> Engine:
    address = f"tcp://127.0.0.1:{server.listening.getsockname()[1]}"
    return Engine(Endpoint.parse(address, tls=tls), timeout=5, connect_timeout=5)


def test_both_sides_are_verified(server: RawServer, tls: TLS) -> None:
    engine = engine_at(server, tls)
    engine.container_inspect("web")
    engine.container_inspect("web")
    assert server.calls() == ["GET /v1.41/containers/web/json"] * 2
    assert server.connections == 1


def test_without_verification_any_server_will_do_and_nothing_is_warned(server: RawServer, tls: TLS) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert engine_at(server, TLS(cert=tls.cert, key=tls.key, verify=False)).version


def test_a_server_of_another_authority_is_refused(server: RawServer, tls: TLS, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    with pytest.raises(errors.EngineUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        engine_at(server, TLS(ca=stranger.ca, cert=tls.cert, key=tls.key)).ping()


def test_a_server_of_another_name_is_refused(authority: Authority, tls: TLS) -> None:
    with (
        serving("127.0.0.1", server_context(authority, "other")) as server,
        pytest.raises(errors.EngineUnavailable, match="TLS"),
    ):
        engine_at(server, tls).ping()


def test_the_systems_authorities_do_not_know_a_private_one(server: RawServer) -> None:
    with pytest.raises(errors.EngineUnavailable, match="TLS"):
        engine_at(server, TLS()).ping()


def test_a_missing_client_certificate_is_told(server: RawServer, tls: TLS) -> None:
    with pytest.raises(errors.EngineUnavailable):
        engine_at(server, TLS(ca=tls.ca)).ping()


def test_files_that_are_not_there_are_told(server: RawServer, tls: TLS) -> None:
    for missing in (TLS(ca="/nosuch/ca.pem"), TLS(ca=tls.ca, cert="/nosuch/cert.pem", key=tls.key)):
        with pytest.raises(errors.EngineUnavailable, match="nosuch"):
            engine_at(server, missing).ping()


def test_plain_http_to_a_tls_port_is_told(server: RawServer) -> None:
    with pytest.raises(errors.EngineError):
        engine_at(server, None).ping()


def test_the_context_for_streams_verifies_too(tls: TLS) -> None:
    assert tls.context().verify_mode == ssl.CERT_REQUIRED
    assert tls.context().check_hostname
    unverified = TLS(verify=False).context()
    assert (unverified.verify_mode, unverified.check_hostname) == (ssl.CERT_NONE, False)
