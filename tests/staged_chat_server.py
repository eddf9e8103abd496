"""A chat endpoint that fails on demand: each fault a chat model can have, staged on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Fault = Literal["none", "stall", "unauthorised", "rate_limited", "server_error", "malformed", "cut", "html"]


class StagedChat(ThreadingHTTPServer):
    """Answers `replies` one after the other (the last again and again), or shows `fault`. Keeps what it was asked."""

    daemon_threads = True

    def __init__(self, replies: list[str], fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = replies
        self.fault = fault
        self.asked: list[dict[str, Any]] = []
        self.released = threading.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: StagedChat
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        staged = self.server
        staged.asked.append(asked)
        statuses: dict[str, int] = {"unauthorised": 401, "rate_limited": 429, "server_error": 500}
        if staged.fault in statuses:
            body = json.dumps({"error": {"message": "staged", "type": "staged"}}).encode()
            self.send_response(statuses[staged.fault])
            self.send_header("Content-Type", "application/json")
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if staged.fault == "html" else "text/event-stream")
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        if staged.fault == "html":
            self.wfile.write(b"<html>portal</html>")
            return
        reply = staged.replies[min(len(staged.asked), len(staged.replies)) - 1]
        for number, piece in enumerate(reply[i : i + 4] for i in range(0, len(reply), 4)):
            if number == 2 and staged.fault == "stall":
                staged.released.wait(30)
                return
            if number == 2 and staged.fault == "malformed":
                self._event("{not json")
                return
            if number == 2 and staged.fault == "cut":
                return
            self._event(json.dumps(_chunk({"content": piece}, None), ensure_ascii=False))
        self._event(json.dumps(_chunk({}, "stop")))
        self._event("[DONE]")

    def _event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def _chunk(delta: dict[str, str], finish: str | None) -> dict[str, Any]:
    return {
        "id": "staged",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "staged",
        "choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}],
    }


@contextmanager
def staged_chat(*replies: str, fault: Fault = "none") -> Iterator[StagedChat]:
    """A running staged server; stopped, with its threads, at the end."""
    server = StagedChat(list(replies) or ["好的。"], fault)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
