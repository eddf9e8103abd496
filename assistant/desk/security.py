"""What keeps other web pages out of a desk that has no sign-in: it answers on loopback, and to its own page only."""

from __future__ import annotations

import ipaddress
import json

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = "; ".join(
    (
        "default-src 'self'",
        # Gradio compiles its HTML templates in the page and starts from inline scripts.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)
"""Even a text that slipped through escaping could not send anything to another machine."""

HEADERS = (
    (b"content-security-policy", POLICY.encode("ascii")),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


def host_of(authority: str) -> str:
    """The host in `host:port`, brackets and case removed."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return authority.partition(":")[0].lower()


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine only. Names are not looked up: that is the attack."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refusal(method: str, headers: Headers) -> tuple[str, str, str] | None:
    """Why a request is not answered (code, zh, en); None when it is.

    A Host that is not this machine means that a foreign name was pointed here (DNS rebinding). An Origin that is not
    this page means that another site makes the browser act.
    """
    host = headers.get("host", "")
    if not is_loopback(host_of(host)):
        return (
            "request.foreign_host",
            "只接受本机地址的访问:请用 http://127.0.0.1 打开。",
            "Only this machine's own addresses are answered: open http://127.0.0.1 instead.",
        )
    origin = headers.get("origin")
    foreign = origin is not None and origin.partition("://")[2].lower() != host.lower()
    if method not in SAFE_METHODS and (foreign or headers.get("sec-fetch-site") == "cross-site"):
        return (
            "request.foreign_origin",
            "不接受其他网页发来的操作:请在客服助手自己的页面里操作。",
            "Requests from other web pages are refused: use Kefu's own page.",
        )
    return None


class LocalOnly:
    """ASGI middleware: refuses foreign requests with 403, adds the headers to what is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        reason = refusal(scope.get("method", "POST"), headers)
        if reason is not None:
            await _refuse(scope, send, reason, headers.get("accept-language", ""))
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
            await send(message)

        await self._app(scope, receive, with_headers)


async def _refuse(scope: Scope, send: Send, reason: tuple[str, str, str], accept_language: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    code, zh, en = reason
    message = en if accept_language.lower().startswith("en") else zh
    body = json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False).encode("utf-8")
    head = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": 403, "headers": head})
    await send({"type": "http.response.body", "body": body})
