"""Which words of a passage a sentence rests on: the quote is cut from the passage, so it truly stands there."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")
_NOISE = re.compile(r"[\W_]+")
MIN_OVERLAP = 2
"""Character bigrams a quote must share with the sentence; below that it is no support."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of `text`, without the white space around them."""
    spans = []
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if _NOISE.sub("", text[start:end]):
            spans.append((start, end))
    return spans


def _bigrams(text: str) -> set[str]:
    bare = _NOISE.sub("", text).lower()
    return {bare[i : i + 2] for i in range(len(bare) - 1)}


def best_quote(sentence: str, passage_text: str) -> str | None:
    """The sentence of the passage that shares most with `sentence`, or None when none shares enough.

    Shared bigrams over the square root of the quote's, so that neither a word nor a whole page wins by its length.
    """
    wanted = _bigrams(sentence)
    best: tuple[float, str] | None = None
    for start, end in sentences(passage_text):
        quote = passage_text[start:end]
        grams = _bigrams(quote)
        shared = len(wanted & grams)
        if shared < MIN_OVERLAP:
            continue
        score = shared / len(grams) ** 0.5
        if best is None or score > best[0]:
            best = (score, quote)
    return best[1] if best else None
