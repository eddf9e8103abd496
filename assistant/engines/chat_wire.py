"""The wire to a chat model: text as it streams in, within a time limit, every fault by its own name."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import openai
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI

from assistant.engines import EngineError
from assistant.settings import Settings

_RETRIES = 2
"""Handled by the openai client: back-off, honouring Retry-After, on 408, 409, 429 and 5xx, inside our time limit."""


class ChatWire:
    """One OpenAI-compatible endpoint. `stream` yields text; EngineError says what went wrong and that offline follows."""

    def __init__(self, settings: Settings) -> None:
        self.model = settings.chat_model
        self._timeout_s = settings.chat_timeout_s
        self._chat = ChatOpenAI(
            model=settings.chat_model,
            base_url=settings.openai_base_url or None,
            # An empty key is right for a local server; the client insists on one.
            api_key=settings.openai_api_key if settings.openai_api_key.get_secret_value() else _no_key(),
            temperature=settings.chat_temperature,
            seed=settings.chat_seed,
            timeout=httpx.Timeout(settings.chat_timeout_s, connect=min(5.0, settings.chat_timeout_s)),
            max_retries=_RETRIES,
            max_completion_tokens=512,
            stream_usage=False,
        )

    def stream(self, system: str, user: str) -> Iterator[str]:
        """Pieces of the reply. The whole takes at most the time limit; leaving the iterator ends the request."""
        deadline = time.monotonic() + self._timeout_s
        inbox: queue.Queue[str | BaseException | None] = queue.Queue()
        left = threading.Event()
        messages: list[BaseMessage] = [SystemMessage(system), HumanMessage(user)]
        threading.Thread(target=self._pump, args=(messages, inbox, left), daemon=True).start()
        try:
            while True:
                try:
                    piece = inbox.get(timeout=max(0.0, deadline - time.monotonic()))
                except queue.Empty:
                    raise _fault(TimeoutError(), self._timeout_s) from None
                if piece is None:
                    return
                if isinstance(piece, BaseException):
                    raise _fault(piece, self._timeout_s) from piece
                yield piece
        finally:
            left.set()

    def _pump(
        self, messages: list[BaseMessage], inbox: queue.Queue[str | BaseException | None], left: threading.Event
    ) -> None:
        """Reads the stream in its own thread, so that a server that stalls can't hold the agent."""
        started = finished = False
        try:
            for chunk in self._chat.stream(messages):
                started = True
                if left.is_set():
                    return
                finished = finished or bool(chunk.response_metadata.get("finish_reason"))
                if text := chunk.text:
                    inbox.put(str(text))
            inbox.put(None if finished else _CutOffError())
        except BaseException as error:  # noqa: BLE001  handed to the reader, who names it
            broke = started and isinstance(error, openai.APIConnectionError)
            inbox.put(_CutOffError() if broke and not isinstance(error, openai.APITimeoutError) else error)


class _CutOffError(Exception):
    """The stream ended without saying that it was finished."""


def _no_key() -> Any:
    from pydantic import SecretStr

    return SecretStr("none")


def _fault(error: BaseException, timeout_s: float) -> EngineError:
    """What the agent reads. Every fault ends in the offline draft, which the pipeline adds to the notice."""
    for kinds, code, zh, en in _FAULTS:
        if isinstance(error, kinds):
            return EngineError(code, zh.format(timeout=timeout_s), en.format(timeout=timeout_s))
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        return EngineError(
            "chat.server_error", f"大模型服务出错({status})", f"The chat model's server failed ({status})"
        )
    return EngineError(
        "chat.failed", f"大模型调用失败({type(error).__name__})", f"The chat model failed ({type(error).__name__})"
    )


_FAULTS: list[tuple[tuple[type[BaseException], ...], str, str, str]] = [
    (
        (TimeoutError, openai.APITimeoutError, httpx.TimeoutException),
        "chat.timeout",
        "大模型超过 {timeout:g} 秒没有写完",
        "The chat model did not finish within {timeout:g} s",
    ),
    (
        (_CutOffError, httpx.RemoteProtocolError, httpx.ReadError),
        "chat.cut_off",
        "大模型的回复中途断了",
        "The chat model's reply was cut off",
    ),
    (
        (openai.AuthenticationError, openai.PermissionDeniedError),
        "chat.unauthorised",
        "大模型拒绝了密钥,请检查 OPENAI_API_KEY",
        "The chat model refused the key: check OPENAI_API_KEY",
    ),
    (
        (openai.RateLimitError,),
        "chat.rate_limited",
        "大模型请求过多,被限流",
        "The chat model is limiting requests",
    ),
    (
        (openai.NotFoundError,),
        "chat.not_found",
        "大模型地址或模型名不对,请检查 OPENAI_BASE_URL 和 KEFU_CHAT_MODEL",
        "The chat endpoint or model was not found: check OPENAI_BASE_URL and KEFU_CHAT_MODEL",
    ),
    (
        (openai.APIConnectionError, httpx.ConnectError),
        "chat.unreachable",
        "连不上大模型服务,请检查 OPENAI_BASE_URL",
        "The chat model's server can't be reached: check OPENAI_BASE_URL",
    ),
    (
        (
            json.JSONDecodeError,
            openai.APIResponseValidationError,
            UnicodeDecodeError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
        ),
        "chat.malformed",
        "大模型返回的内容无法解析",
        "The chat model's answer could not be read",
    ),
]
"""First match wins: a time-out is also a connection error."""
