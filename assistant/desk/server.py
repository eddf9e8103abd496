"""The web server: desk and REST interface on loopback."""

from __future__ import annotations

import errno
import os
import socket

import gradio as gr
import uvicorn
from fastapi import FastAPI

from assistant.application import Kefu
from assistant.desk import api, page
from assistant.desk.security import LocalOnly, is_loopback
from knowledge.errors import KefuError

MAX_UPLOAD = "100mb"
"""Larger than what ingestion takes, so that its message about the size is the one people read."""


class ServeError(KefuError):
    """The desk can't be served at this address."""


def build_app(kefu: Kefu) -> FastAPI:
    """Desk at /, REST at /api/v1. Nothing of it talks to another machine."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    app = FastAPI(title="Kefu", docs_url=None, redoc_url=None, openapi_url=None)
    api.add_to(app, kefu)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page.build(kefu),
        path="/",
        theme=page.theme(),
        css=(page.STATIC / "desk.css").read_text(encoding="utf-8"),
        head=f"<script>{(page.STATIC / 'desk.js').read_text(encoding='utf-8')}</script>",
        favicon_path=str(page.STATIC / "favicon.svg"),
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        allowed_paths=[],
        max_file_size=MAX_UPLOAD,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
    mounted.add_middleware(LocalOnly)
    return mounted


def check_address(host: str, port: int) -> None:
    """Raise ServeError when the desk must not, or cannot, listen there."""
    if not is_loopback(host):
        raise ServeError(
            "serve.no_sign_in",
            f"没有设置登录,不能在 {host} 上开放给别的机器:请用 --host 127.0.0.1;要给同事用,请在前面架一个带登录的反向代理。",
            f"There is no sign-in, so the desk is not opened to other machines at {host}: use --host 127.0.0.1, "
            "or put a reverse proxy with a sign-in in front of it.",
        )
    with _socket(host, port):
        return


def serve(kefu: Kefu, host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve until interrupted. Raises ServeError as `check_address` does."""
    check_address(host, port)
    app = build_app(kefu)
    with _socket(host, port) as listening:
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listening])


def _socket(host: str, port: int) -> socket.socket:
    """A socket bound to the address; ServeError names what is in the way and what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise ServeError(
                "serve.port_in_use",
                f"端口 {port} 已被占用:请关掉占用它的程序,或换一个端口,例如 --port {port + 1}。",
                f"Port {port} is in use: stop the program that uses it, or choose another, e.g. --port {port + 1}.",
            ) from error
        raise ServeError(
            "serve.cannot_listen",
            f"不能在 {host}:{port} 上监听({error.strerror}):请换一个地址或端口(--host、--port)。",
            f"Can't listen at {host}:{port} ({error.strerror}): choose another with --host or --port.",
        ) from error
    return bound
