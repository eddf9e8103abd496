"""A real desk for tests: a home of its own, and the server on a free port."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from assistant.application import Kefu
from assistant.conversation import Conversation
from assistant.desk import build_app
from assistant.settings import Settings

START_S = 30


@contextmanager
def kefu_on_a_copy(initialised_home: Path, target: Path, passphrase: str = "") -> Iterator[Kefu]:
    """Kefu on a copy of a prepared home (`passphrase` is its supervisor's), its first draft made (what is read once is read); the model's weights are linked, they are never written."""

    def copy(source: str, destination: str) -> object:
        return (os.link if "/model/" in source else shutil.copy2)(source, destination)

    shutil.copytree(initialised_home, target, copy_function=copy)
    settings = Settings(home=target, chat_model="", language="zh", supervisor_passphrase=SecretStr(passphrase))
    with Kefu.open(settings) as kefu:
        kefu.draft(Conversation.read({"messages": [{"role": "customer", "text": "在吗"}]}))
        yield kefu


@contextmanager
def serving(kefu: Kefu) -> Iterator[str]:
    """The desk's address while it is served from a thread of this process."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(build_app(kefu), log_level="error", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until = time.monotonic() + START_S
        while not server.started:
            assert time.monotonic() < until and thread.is_alive(), "the desk did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        server.force_exit = True
        thread.join(10)
