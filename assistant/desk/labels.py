"""Components whose words follow the language switch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import gradio as gr
from gradio.blocks import Block

from assistant.desk.text import Words

C = TypeVar("C", bound=Block)
Choices = Sequence[tuple[str, str]]
"""(key of the words, value) pairs."""


class Labels:
    """Makes components with words of the catalogue, and says what to change when the language does."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._made: list[tuple[Block, Mapping[str, str], Choices | None]] = []

    def make(
        self, kind: type[C], elem_id: str, text: Mapping[str, str], *, options: Choices | None = None, **rest: Any
    ) -> C:
        """A component whose properties say the words of `text`'s keys; `options` are choices shown by their keys' words."""
        component = kind(elem_id=elem_id, **_said(text, options, self._words), **rest)
        self._made.append((component, text, options))
        return component

    def heading(self, elem_id: str, key: str) -> gr.HTML:
        return self.make(gr.HTML, elem_id, {"value": key}, html_template="<h2>${value}</h2>", elem_classes="k-h")

    @property
    def components(self) -> list[Block]:
        return [component for component, _, _ in self._made]

    def said(self, words: Words) -> list[Any]:
        """The updates, in the components' order, that put them into `words`."""
        return [gr.update(**_said(text, choices, words)) for _, text, choices in self._made]


def _said(text: Mapping[str, str], choices: Choices | None, words: Words) -> dict[str, Any]:
    said: dict[str, Any] = {name: words(key) for name, key in text.items()}
    if choices is not None:
        said["choices"] = [(words(key), value) for key, value in choices]
    return said
