"""English questions as parts of an agent's sentence."""

from __future__ import annotations

import pytest

from assistant.situation.indirect import indirect


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("does it come with an EU plug", "whether it comes with an EU plug"),
        ("Hi, do you guys ship to Oslo", "whether we ship to Oslo"),
        ("is this machine washable", "whether this is machine washable"),
        ("is this hoodie true to size", "whether this hoodie is true to size"),
        ("can it be returned if my wife doesn't like it", "whether it can be returned if your wife doesn't like it"),
        ("could you gift wrap it please", "whether we can gift wrap it"),
        ("what if it breaks in shipping", "what happens if it breaks in shipping"),
        ("how long is the warranty", "how long the warranty is"),
        ("how do I return it", "how to return it"),
        ("how long does shipping take", "how long shipping takes"),
        ("why hasn't it shipped yet", "why it has not shipped yet"),
        ("whats the difference between the two", "what the difference between the two is"),
        ("who pays for the return", "who pays for the return"),
        ("which one is better for curly hair", "which one is better for curly hair"),
        ("any discount for two", "whether there is any discount for two"),
        ("any chance you cover the freight", "whether we can cover the freight"),
        ("free shipping?", "free shipping"),
        ("fits a 16 inch laptop?", "whether it fits a 16 inch laptop"),
        ("could you tell me if the 80cm one holds my books", "whether the 80cm one holds your books"),
        ("your colleague told me to put paper under it", ""),
    ],
)
def test_a_question_is_put_as_part_of_a_sentence(question: str, part: str) -> None:
    assert indirect(question) == part


@pytest.mark.parametrize("text", ["", "???", "what", "the lamp that I bought last week came broken?"])
def test_what_is_no_question_of_a_known_form_is_not_put(text: str) -> None:
    assert indirect(text) in ("", "what")
