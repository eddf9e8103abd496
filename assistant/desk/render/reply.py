"""The reply desk's values as HTML: the conversation, what was seen, the draft, its sources, a checked text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from assistant.chatlog import ChatLog
from assistant.conversation import Conversation, Message
from assistant.desk.render.markup import chip, empty, esc, quoted, readable, tag, with_findings
from assistant.desk.sources import Drafted, Sentence, Source, bubble_spans, sentences_of
from assistant.desk.text import Words
from assistant.values import Draft, Finding, Situation, Verdict


def conversation(log: ChatLog, w: Words) -> str:
    """Chat bubbles, customer left and agent right; doubtful lines are listed, lines left out are counted."""
    if not log.messages:
        return empty(w("reply.no_messages"))
    bubbles = "".join(_bubble(message, w) for message in log.messages)
    unsure = [line.text for line in log.report if line.why == "unsure"]
    left_out = len(log.report) - len(unsure)
    notes = ""
    if unsure:
        items = "".join(tag("li", esc(line)) for line in unsure[:5])
        notes += tag("div", esc(w("reply.unsure_lines", count=len(unsure))) + tag("ul", items), "k-note k-warn")
    if left_out:
        notes += tag("p", esc(w("reply.left_out", count=left_out)), "k-meta")
    return tag("div", bubbles, "k-chat", role="log", aria_label=w("reply.conversation")) + notes


def _bubble(message: Message, w: Words) -> str:
    who = message.name or w(f"role.{message.role}")
    when = f" · {message.at:%m-%d %H:%M}" if message.at else ""
    return tag(
        "div",
        tag("div", esc(who) + esc(when), "k-who") + tag("div", esc(message.text), "k-bubble"),
        f"k-message k-{message.role}",
    )


def seen(situation: Situation, messages: Sequence[Message], names: Mapping[str, str], w: Words) -> str:
    """「看出:议价,…」: risks, situations (`names` by id), mood, customer type, facts; each says by which words."""
    by_what = {e.what: messages[e.message].text[e.start : e.end] for e in reversed(situation.evidence)}
    exemplars = {m.situation_id: m.exemplar for m in situation.matches}

    def why(what: str, exemplar: str = "") -> str | None:
        if what in by_what:
            return w("reply.saw_words", words=by_what[what])
        return w("reply.saw_like", exemplar=exemplar) if exemplar else None

    chips = [chip(f"{w('seen.risk')} · {w(f'risk.{risk}')}", "k-risk", why(f"risk:{risk}")) for risk in situation.risks]
    if situation.case is not None:
        chips.append(chip(situation.case.name, "k-case", w("reply.saw_case", sure=f"{situation.case.score:.0%}")))
    for point in situation.points[:4]:
        said = messages[point.message].text[point.start : point.end]
        chips.append(chip(point.name, "k-point", w("reply.saw_words", words=said)))
    for intent in situation.intents[:4]:
        reason = why(f"intent:{intent}", exemplars.get(intent, ""))
        chips.append(chip(names.get(intent, intent), "k-situation", reason))
    nothing = "" if chips else tag("span", esc(w("reply.saw_nothing")), "k-meta")
    if situation.emotion != "calm":
        mood = f"{w('seen.emotion')} · {w(f'emotion.{situation.emotion}')}"
        chips.append(chip(mood, "k-emotion", why(f"emotion:{situation.emotion}")))
    if situation.customer_type != "未定":
        kind = situation.customer_type
        chips.append(chip(w(f"customer.{kind}"), "k-quiet", why(f"customer_type:{kind}")))
    chips += _course(situation, w)
    chips.append(chip(w(f"stage.{situation.stage}"), "k-quiet"))
    if situation.language != "zh-Hans":
        chips.append(chip(w(f"language.{situation.language}"), "k-quiet"))
    facts = dict.fromkeys(
        (e.what, messages[e.message].text[e.start : e.end]) for e in situation.evidence if e.what.startswith("fact.")
    )
    chips += [chip(f"{w.named('fact', what[5:])} {said}", "k-evidence") for what, said in list(facts)[:4]]
    asked = [messages[e.message].text[e.start : e.end] for e in situation.evidence if e.what == "asked"]
    if len(asked) > 1:
        chips.append(
            chip(w("seen.asked", count=len(asked)), "k-evidence", w("reply.saw_words", words="; ".join(asked)))
        )
    return tag("div", tag("span", esc(w("reply.saw")), "k-label") + nothing + "".join(chips), "k-seen")


def _course(situation: Situation, w: Words) -> list[str]:
    """How often this came up, what agents have said already, and what the order says otherwise."""
    course = situation.course
    chips = [chip(w("seen.times", count=course.times), "k-emotion")] if course.times > 1 else []
    chips += [chip(w(f"contradiction.{odd.fact}"), "k-risk") for odd in course.contradictions]
    if course.said:
        chips.append(chip(w("seen.said", what="、".join(w(f"said.{what}") for what in course.said)), "k-quiet"))
    return chips


def verdict_badge(verdict: str, findings: Sequence[Finding], w: Words) -> str:
    """The verdict in words and colour."""
    shown = "warn" if verdict == "pass" and findings else verdict
    return tag("span", esc(w(f"verdict.{shown}")), f"k-verdict k-{shown}", data_verdict=verdict)


def draft(value: Draft | None, sources: tuple[Source, ...], w: Words, *, whole: bool = True) -> str:
    """The draft in bubbles. Each sentence opens its source; what breaks a rule is marked in place."""
    if value is None:
        return empty(w("reply.no_draft"))
    sentences = sentences_of(value, sources)
    bubbles = "".join(
        tag("div", _marked_up(value, sentences, start, end, w), "k-bubble k-reply")
        for start, end in bubble_spans(value.reply, value.bubbles)
        if end > start
    )
    told = value.notice_in(w.language)
    notice = tag("div", esc(told), "k-note k-warn", role="status") if told else ""
    if not whole:
        return notice + tag(
            "div", bubbles + tag("span", esc(w("reply.drafting")), "k-typing"), "k-draft", aria_live="polite"
        )
    total = value.timings_ms.get("total")
    meta = tag("span", esc(w(f"app.engine.{value.engine}")), "k-meta")
    if total is not None:
        meta += tag("span", esc(w("reply.took", ms=f"{total:.0f}")), "k-meta")
    head = tag("div", verdict_badge(value.verdict, value.findings, w) + meta, "k-head")
    return head + notice + tag("div", bubbles, "k-draft", aria_live="polite") + _gloss(value, w)


def _gloss(value: Draft, w: Words) -> str:
    """What a reply in another language says, in Chinese."""
    if not value.gloss:
        return ""
    return tag("div", tag("span", esc(w("reply.gloss")), "k-label") + esc(value.gloss), "k-gloss")


def drafting(w: Words) -> str:
    """A sign of life until the first sentence is there."""
    return tag("div", tag("span", esc(w("reply.drafting")), "k-typing"), "k-draft", aria_live="polite")


def _marked_up(value: Draft, sentences: tuple[Sentence, ...], start: int, end: int, w: Words) -> str:
    """Characters [start, end) of the reply with its sentences and findings marked."""
    inside = [s for s in sentences if s.span[0] < end and s.span[1] > start]
    edges = [start, *(e for s in inside for e in (max(start, s.span[0]), min(end, s.span[1]))), end]
    by_start = {max(start, s.span[0]): s for s in inside}
    out = ""
    for left, right in pairwise(edges):
        if right <= left:
            continue
        text = with_findings(value.reply, value.findings, left, right, language=w.language)
        sentence = by_start.get(left)
        out += _sentence(text, sentence, w) if sentence else text
    return out


def _sentence(html: str, sentence: Sentence, w: Words) -> str:
    if not sentence.sources:
        title = w(f"support.{sentence.kind}") if sentence.kind in {"courtesy", "unsupported"} else None
        return tag("span", html, f"k-sentence k-{sentence.kind}", title=title)
    numbers = "".join(tag("sup", esc(n)) for n in sentence.sources)
    return tag(
        "span",
        html + numbers,
        f"k-sentence k-cited k-{sentence.kind}",
        role="button",
        tabindex="0",
        data_source=sentence.sources[0],
        aria_controls=f"source-{sentence.sources[0]}",
    )


def no_sources(w: Words) -> str:
    return empty(w("source.none"))


def sources(values: Sequence[Source], held: Drafted, w: Words) -> str:
    """A card for each source: where it stands, the passage with the quoted part marked, the sentences that use it."""
    return "".join(_source(value, held, w) for value in values) or no_sources(w)


def _source(value: Source, held: Drafted, w: Words) -> str:
    if value.kind == "passage":
        trail = " › ".join(esc(part) for part in [value.title, *value.section.split(" > ")] if part)
        text = quoted(value.text, value.quotes) if value.text is not None else esc(w("source.gone"))
    else:
        trail, text = esc(w(f"source.{value.kind}")), esc(_fact(value, held.conversation, w))
    used = "".join(tag("li", esc(held.draft.reply[start:end].strip())) for start, end in value.spans)
    head = tag("b", esc(value.number)) + tag("span", trail)
    head = tag("button", head, "k-source-head", type="button", data_source=value.number)
    body = tag("div", readable(text), "k-fulltext") + tag("div", esc(w("source.cited")) + tag("ul", used), "k-used")
    card = head + tag("div", body, "k-source-body")
    return tag("section", card, f"k-source k-{value.kind}", id=f"source-{value.number}")


def _fact(value: Source, conversation: Conversation, w: Words) -> str:
    """An order fact or an authority by its name, with its value as it was given."""
    key, _, argument = (value.text or "").partition(":")
    if value.kind == "order_fact":
        given = conversation.order.facts().get(key, argument) if conversation.order else argument
        return f"{w.named('order', key)}:{given}" if given else w.named("order", key)
    given = argument or next((str(a).partition(":")[2] for a in conversation.policy.authorities if a.kind == key), "")
    return f"{w.named('authority', key)}:{given}" if given else w.named("authority", key)


def checked(reply: str, verdict: Verdict | None, w: Words) -> str:
    """The text as it would be sent, each finding marked, with its reason, its rule and what to say instead."""
    if verdict is None or not reply.strip():
        return ""
    marked = with_findings(reply, verdict.findings, language=w.language)
    text = tag("div", marked, "k-checked") if verdict.findings else ""
    cards = "".join(_finding(finding, w) for finding in verdict.findings)
    rewrite = ""
    if verdict.rewrite and verdict.rewrite != reply:
        rewrite = tag("div", tag("span", esc(w("reply.rewrite")), "k-label") + esc(verdict.rewrite), "k-rewrite")
    return tag("div", verdict_badge(verdict.verdict, verdict.findings, w), "k-head") + text + cards + rewrite


def _finding(finding: Finding, w: Words) -> str:
    head = tag("b", esc(w(f"severity.{finding.severity}"))) + esc(w(f"category.{finding.category}"))
    head += tag("q", esc(finding.text))
    body = tag("p", esc(finding.said(w.language))) + _opinions(finding, w)
    if advice := finding.advised(w.language):
        body += tag("p", esc(w("finding.suggestion", text=advice)), "k-suggestion")
    return tag(
        "div",
        tag("div", head, "k-finding-head") + body,
        f"k-finding-card k-{finding.severity}",
        title=w("finding.rule", rule=finding.rule),
    )


def _opinions(finding: Finding, w: Words) -> str:
    """Who says what, where rules, semantic layer and chat model do not all say the same."""
    said = finding.opinions
    if said is None:
        return ""
    given = {"rules": said.rules, "layer": said.layer, "model": said.model}
    asked = {who: opinion for who, opinion in given.items() if opinion is not None}
    if len(set(asked.values())) < 2:
        return ""
    text = w("opinion.between").join(f"{w(f'opinion.{who}')} {w(f'opinion.{said}')}" for who, said in asked.items())
    if said.words:
        text += w("opinion.words", words=said.words)
    return tag("p", esc(text), "k-meta k-opinions")


def next_steps(value: Draft | None, w: Words) -> str:
    """For the agent's eyes, apart from the reply."""
    if value is None or not value.next_steps:
        return ""
    items = "".join(tag("li", esc(step)) for step in value.next_steps_in(w.language))
    return tag("div", tag("span", esc(w("reply.next_steps")), "k-label") + tag("ul", items), "k-steps")


def stale(is_stale: bool, w: Words) -> str:
    """The mark on a draft whose conversation has moved on."""
    return tag("div", esc(w("reply.stale")), "k-note k-block", role="alert") if is_stale else ""
