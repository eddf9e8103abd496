"""A chat endpoint on loopback that answers at once and keeps the times: what is left of a draft's time is Kefu's own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAUSE_S = 0.25
"""Between the sentences: long enough to see whether the first is shown while the second is still to come."""


class InstantChat(ThreadingHTTPServer):
    """Streams `sentences`. `asked`, `first` and `last` are when (time.perf_counter) the last request came, when its first
    sentence was out, and when its last was.
    """

    daemon_threads = True

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sentences = tuple(sentences)
        self.asked = self.first = self.last = 0.0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: InstantChat
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        chat = self.server
        chat.asked = time.perf_counter()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        for number, sentence in enumerate(chat.sentences):
            if number:
                time.sleep(PAUSE_S)
            self._piece(sentence, None)
            if not number:
                chat.first = time.perf_counter()
        self._piece("", "stop")
        self.wfile.write(b"data: [DONE]\n\n")
        self.wfile.flush()
        chat.last = time.perf_counter()

    def _piece(self, text: str, finish: str | None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "instant", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def instant_chat(*sentences: str) -> Iterator[InstantChat]:
    """A running endpoint; stopped at the end."""
    server = InstantChat(sentences)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
