"""`make bench`, drafts and checks beside one query embedding: that of sentence-transformers itself, in the same process.

The offline model's own arithmetic (knowledge/embedding/ragged.py) is quicker than the library's; beside it the same work
has a higher ratio. Both are printed; the targets are held against the library, which anyone can measure. Where one draft or
reply is beside one embedding, each is computed by one thread, as drafts are; batches on both sides by all.
"""

from __future__ import annotations

import itertools
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from assistant.application import Kefu
from assistant.conversation import Conversation
from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.semantic.examples import load_examples
from assistant.settings import Settings
from assistant.terminal import say
from evals.golden import load_golden
from evals.instant_chat import instant_chat
from knowledge.embedding.threads import one_thread

DRAFTS = 150
CHECKS = 200
TALKS = 20
AT_ONCE = 64
"""Replies that a batch is read in."""


def report(home: Path, replies: int) -> None:
    """Drafts, drafts with a chat model, single checks, and `replies` checks in batches, in an initialised `home`."""
    with Kefu.open(_settings(home)) as kefu:
        conversations = [c.conversation() for c in itertools.islice(itertools.cycle(load_golden()), DRAFTS)]
        one = _time_drafts(kefu, conversations)
        _time_chat(kefu, conversations[:TALKS], one)
        _time_checks(kefu, replies)
    say(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def _settings(home: Path, chat: str = "") -> Settings:
    """Those of `home`, with the chat model at the address `chat`, or with none."""
    model = {"openai_base_url": chat, "openai_api_key": SecretStr(chat and "none"), "chat_model": chat and "instant"}
    return Settings.read().model_copy(update={"home": home, **model})


def _time_drafts(kefu: Kefu, conversations: Sequence[Conversation]) -> float:
    """Seconds that one query embedding takes."""
    words = [" ".join(m.text for m in c.last_customer_turn) for c in conversations]
    kefu.drafting.draft(conversations[0])
    bare, own, drafting = [], [], []
    with one_thread():
        for conversation, said in zip(conversations, words, strict=True):
            bare.append(_seconds(partial(_encoded, kefu, [said])))
            drafting.append(_seconds(partial(kefu.drafting.draft, conversation)))
            own.append(_seconds(partial(kefu.knowledge.embedder.queries, [_mixed(said)])))
    one, mine, slow = statistics.median(bare), statistics.median(own), _p95(drafting)
    say(
        f"embedding one query: sentence-transformers {one * 1e3:.1f} ms, here {mine * 1e3:.1f} ms "
        f"(medians of {len(words)} turns)"
    )
    say(
        f"one offline draft: median {statistics.median(drafting) * 1e3:.1f} ms, p95 {slow * 1e3:.1f} ms; p95 to embedding "
        f"one query {slow / one:.2f} (at most 5), to embedding it here {slow / mine:.2f}"
    )
    return one


def _time_chat(kefu: Kefu, conversations: Sequence[Conversation], one: float) -> None:
    """What is our own of a draft by a chat model: before it is asked, and after its last word."""
    own, shown = [], []
    with instant_chat("您好,您说的我看到了。", "我先看一下订单,看清楚就在这里告诉您。") as server:
        settings = _settings(kefu.settings.home, server.base_url)
        with_chat = Kefu(settings, kefu.knowledge, kefu.guardrails, kefu.records).drafting
        assert with_chat.draft(conversations[0]).engine == "chat", "the chat model was not asked"
        for conversation in conversations:
            started = time.perf_counter()
            drafts = with_chat.stream(conversation)
            next(drafts)
            shown.append(time.perf_counter() - server.first)
            for _ in drafts:
                pass
            own.append(server.asked - started + time.perf_counter() - server.last)
    mine = statistics.median(own)
    say(
        f"with a chat model, our own time before its first and after its last word: {mine * 1e3:.1f} ms; ratio to embedding "
        f"one query {mine / one:.2f} (at most 10); the first sentence shown "
        f"{statistics.median(shown) * 1e3:.1f} ms after it was complete"
    )


def _time_checks(kefu: Kefu, replies: int) -> None:
    """Checks beside embedding the same words: one by one, and in batches. Rules alone for comparison."""
    rules = Guardrails.load()
    lines = [e.text for file in load_examples().values() for e in file]
    singly = [t for t in lines if rules.check(t).verdict == "pass"][:CHECKS]
    bare, own, checking, alone = [], [], [], []
    with one_thread():
        for text in singly:
            bare.append(_seconds(partial(_encoded, kefu, [text])))
            checking.append(_seconds(partial(kefu.check, text, CheckContext())))
            own.append(_seconds(partial(kefu.knowledge.embedder.queries, [_mixed(text)])))
            alone.append(_seconds(partial(rules.check, text)))
    say(
        f"checking one reply with the semantic layer: median {statistics.median(checking) * 1e3:.1f} ms, by rules alone "
        f"{statistics.median(alone) * 1e3:.2f} ms; ratio to embedding it {sum(checking) / sum(bare):.2f} (at most 1.5), "
        f"to embedding it here {sum(checking) / sum(own):.2f}"
    )
    many = [f"{t}({n})" for n, t in enumerate(itertools.islice(itertools.cycle(lines[CHECKS:]), replies))]
    embedded = _seconds(partial(_encoded, kefu, many))
    checked = _seconds(partial(_checked, kefu, many))
    say(
        f"checking {replies} replies in batches: {replies / checked:.0f} a second; time to that of embedding them "
        f"{checked / embedded:.2f} (at most 1.5)"
    )


def _checked(kefu: Kefu, replies: Sequence[str]) -> None:
    for at in range(0, len(replies), AT_ONCE):
        kefu.guardrails.check_all([(reply, CheckContext()) for reply in replies[at : at + AT_ONCE]])


def _mixed(text: str) -> str:
    """As many tokens or nearly, none of whose states were kept: what was read a moment ago is not computed again."""
    return text[::-1]


def _encoded(kefu: Kefu, texts: Sequence[str]) -> None:
    embedder = kefu.knowledge.embedder
    embedder.model.encode(list(texts), prompt=embedder.identity.query_prompt, batch_size=32, show_progress_bar=False)


def _seconds(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95) - 1]
