"""Who is let in at the desk: this machine and its own page, nobody else."""

from __future__ import annotations

import socket

import pytest
from starlette.datastructures import Headers

from assistant.desk.security import is_loopback, refusal
from assistant.desk.server import ServeError, check_address


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "LOCALHOST"])
def test_this_machine_is(host: str) -> None:
    assert refusal("GET", Headers({"host": host})) is None


@pytest.mark.parametrize("host", ["evil.example:7860", "127.0.0.1.evil.example", "", "192.168.0.9:7860"])
def test_a_foreign_name_pointed_here_is_not(host: str) -> None:
    refused = refusal("GET", Headers({"host": host}))
    assert refused is not None and refused[0] == "request.foreign_host"


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_another_page_may_not_act(headers: dict[str, str]) -> None:
    refused = refusal("POST", Headers({"host": "127.0.0.1:7860", **headers}))
    assert refused is not None and refused[0] == "request.foreign_origin"


def test_the_desk_s_own_page_may() -> None:
    assert refusal("POST", Headers({"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:7860"})) is None
    assert refusal("POST", Headers({"host": "127.0.0.1:7860"})) is None


@pytest.mark.parametrize(
    ("host", "local"), [("::1", True), ("127.8.0.1", True), ("0.0.0.0", False), ("shop.lan", False)]
)
def test_loopback_is_known_without_asking_anybody(host: str, local: bool) -> None:
    assert is_loopback(host) is local


def test_other_machines_are_refused_with_the_remedy() -> None:
    with pytest.raises(ServeError) as error:
        check_address("0.0.0.0", 7860)
    assert error.value.code == "serve.no_sign_in" and "127.0.0.1" in error.value.zh


def test_a_port_in_use_is_named_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError) as error:
            check_address("127.0.0.1", port)
    assert error.value.code == "serve.port_in_use"
    assert str(port) in error.value.zh and "--port" in error.value.en
