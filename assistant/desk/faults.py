"""Errors on the desk: what a person can mend is said in their language; what nobody expected goes to the log."""

from __future__ import annotations

import functools
import inspect
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import gradio as gr

from assistant.desk.render.markup import esc
from assistant.desk.text import words
from knowledge.errors import KefuError

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)


@contextmanager
def _said_in(language: str) -> Iterator[None]:
    w = words(language)
    try:
        yield
    except KefuError as error:
        message = error.message(w.language)
        raise gr.Error(esc(message), print_exception=False) from error
    except gr.Error:
        raise
    except Exception as error:
        number = secrets.token_hex(3)
        log.exception("desk handler failed (number %s)", number)
        message = w("app.unexpected", number=number)
        raise gr.Error(message, print_exception=False) from error


def shown(handler: Callable[P, R]) -> Callable[P, R]:
    """A handler whose first argument is the desk's language, with its errors shown in that language.

    The message is escaped: it may quote what a customer or a document says. Nothing of an unexpected error reaches
    the page but its number in the log.
    """
    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def steps(*args: P.args, **kwargs: P.kwargs) -> Iterator[object]:
            with _said_in(str(args[0])):
                yield from handler(*args, **kwargs)

        return steps  # type: ignore[return-value]

    @functools.wraps(handler)
    def once(*args: P.args, **kwargs: P.kwargs) -> R:
        with _said_in(str(args[0])):
            return handler(*args, **kwargs)

    return once


def tell(language: str, key: str, **values: object) -> None:
    """A short note that goes away by itself."""
    gr.Info(esc(words(language)(key, **values)), duration=2.5)
