"""A week of drafts as a manager reads it in five minutes: the numbers, then what can be decided about, one click each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import get_args

from assistant.conversation import Conversation
from assistant.desk.render.markup import chip, compared, empty, esc, tag
from assistant.desk.render.passages import button
from assistant.desk.text import Words
from assistant.learning.difference import REWRITTEN
from assistant.learning.phrases import Phrase
from assistant.learning.shares import Share
from assistant.learning.values import Rating, SentReply
from assistant.learning.view import BACK, KINDS, Rewritten, WeekNumbers, WeekView, WorthKeeping
from assistant.learning.weeks import Week
from assistant.own_wordings import OwnWording
from knowledge.errors import KefuError
from knowledge.phrasebook import MoveKind, Wording

SHOWN, FIRST = 12, 5
"""Situations that are shown at once, and phrases and conversations; the rest unfold."""
_STANDS_OUT = {"more": "k-block", "like": "k-quiet", "few": "k-quiet"}

Names = Mapping[str, str]
"""What situations of the catalogue are called, by id."""
Example = tuple[SentReply, Conversation]


def head(week: Week, is_present: bool, w: Words) -> str:
    """Which week it is, and the way to the weeks beside it."""
    title = w("weekly.title", name=week.name, first=f"{week.monday:%m-%d}", last=f"{week.sunday:%m-%d}")
    back = button("week_to", w("weekly.before"), week.before().name)
    on = "" if is_present else button("week_to", w("weekly.after"), week.before(-1).name)
    now = chip(w("weekly.present"), "k-caution") if is_present else ""
    return tag("div", tag("h3", esc(title)) + now + tag("span", back + on, "k-right"), "k-bar-line k-week-head")


def view(
    value: WeekView, wordings: Sequence[OwnWording], problem: KefuError | None, opened: str | None,
    examples: Sequence[Example], worth: Mapping[str, Conversation], names: Names, w: Words,
) -> str:  # fmt: skip
    """The whole page. `opened` is the situation that is unfolded, with its `examples`; `worth` are the conversations of
    what is worth keeping, by draft.
    """
    parts = [_numbers(value, w), _phrases(value.phrases, names, value.week, w)]
    parts.append(_situations(value.situations, opened, examples, names, w))
    parts += [_conversations(value.conversations, worth, names, w), _ratings(value.ratings, names, w)]
    parts.append(_own(wordings, problem, names, w))
    return tag("div", "".join(parts), "k-weekly", data_week=value.week)


# --- the week in numbers ---


def _numbers(value: WeekView, w: Words) -> str:
    now, before = value.numbers, value.trend[-2]
    if not now.sent:
        said = tag("p", esc(w("weekly.nothing")), "k-note")
    else:
        extents = {e: now.extents.get(e, 0) for e in ("as_is", "touched", "rewritten")}
        as_is = Share(count=extents["as_is"], of=now.sent)
        line = w(
            "weekly.numbers",
            sent=now.sent,
            share=_percent(as_is.share),
            good=now.good,
            bad=now.bad,
            **extents,
        )
        said = tag("p", esc(line), "k-numbers") + tag("p", esc(_since(now, before, w)), "k-meta")
    todo = w(
        "weekly.todo",
        phrases=len(value.phrases),
        situations=sum(r.stands_out == "more" for r in value.situations),
        worth=len(value.conversations),
    )
    said += tag("p", esc(todo), "k-todo")
    return said + _trend(value.trend, w) + tag("p", esc(w("weekly.counted")), "k-meta")


def _since(now: WeekNumbers, before: WeekNumbers, w: Words) -> str:
    """How the share sent as it is moved, and whether that is more than chance: the two intervals do not meet."""
    if not before.sent:
        return w("weekly.no_before")
    moved = before.changed.share - now.changed.share
    apart = now.changed.low > before.changed.high or now.changed.high < before.changed.low
    key = "weekly.moved" if apart else "weekly.moved_unsure"
    return w(key, points=f"{100 * moved:+.0f}")


def _trend(weeks: Sequence[WeekNumbers], w: Words) -> str:
    titles = ("week", "sent", "as_is", "touched", "rewritten", *KINDS, "thumbs")
    cells = "".join(tag("th", esc(w(f"weekly.column.{t}")), scope="col") for t in titles)
    rows = "".join(_trend_row(n, w) for n in weeks)
    table = tag("table", tag("thead", tag("tr", cells)) + tag("tbody", rows), "k-table k-week-trend")
    return tag("p", esc(w("weekly.trend")), "k-label") + table


def _trend_row(n: WeekNumbers, w: Words) -> str:
    if not n.sent:
        none = tag("td", esc(w("weekly.none_sent")), "k-meta", colspan="9")
        return tag("tr", tag("td", esc(n.week)) + none + tag("td", f"{n.good} / {n.bad}", "k-number"))
    as_is = n.extents.get("as_is", 0)
    cells = [tag("td", esc(n.week)), tag("td", str(n.sent), "k-number"), tag("td", _bar(as_is, n.sent))]
    cells += [tag("td", str(n.extents.get(e, 0)), "k-number") for e in ("touched", "rewritten")]
    cells += [tag("td", str(n.kinds.get(kind, 0)), "k-number") for kind in KINDS]
    return tag("tr", "".join(cells) + tag("td", f"{n.good} / {n.bad}", "k-number"), data_trend=n.week)


def _bar(count: int, of: int) -> str:
    width = f"width:{100 * count / of:.0f}%"
    bar = tag("span", tag("i", "", style=width), "k-part-bar")
    return tag("span", bar + esc(f"{_percent(count / of)}"), "k-part")


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


# --- what agents add ---


def _phrases(phrases: Sequence[Phrase], names: Names, week: str, w: Words) -> str:
    body = _folded([_phrase(p, names, week, w) for p in phrases], w) or empty(w("weekly.no_phrases"))
    return _section("phrases", w("weekly.phrases", weeks=BACK), w("weekly.phrases_note"), body)


def _phrase(phrase: Phrase, names: Names, week: str, w: Words) -> str:
    where = "、".join(f"{_name(s, names, w)} {count}" for s, count in phrase.situations[:4])
    said = tag("b", esc(w("weekly.times", count=phrase.times))) + tag("span", esc(where), "k-meta")
    others = w("weekly.others", said="」「".join(phrase.others)) if phrase.others else ""
    told = tag("p", esc(others), "k-meta") if others else ""
    decline = button("decline_phrase", w("weekly.decline"), phrase.text)
    if phrase.personal or not phrase.situations:
        why = w("weekly.personal" if phrase.personal else "weekly.no_situation")
        text = tag("p", esc(phrase.text), "k-fulltext") + tag("p", esc(why), "k-note k-warn")
        return tag("div", tag("div", said + tag("span", decline, "k-right"), "k-bar-line") + text + told, "k-report")
    fields = [
        tag("label", esc(w("weekly.say")) + tag("textarea", esc(phrase.text), name_="text", rows="1", maxlength="120", required=""), "k-grow"),
        tag("label", esc(w("weekly.in")) + _choice("situation", [(s, _name(s, names, w)) for s, _ in phrase.situations], phrase.situations[0][0])),
        tag("label", esc(w("weekly.as")) + _choice("move", [(m, w(f"move.{m}")) for m in get_args(MoveKind) if m != "safety"], phrase.move)),
        tag("input", "", type="hidden", name_="source", value=w("weekly.source", week=week, count=phrase.times)),
        tag("button", esc(w("weekly.adopt")), "k-button k-primary", type="submit"),
    ]  # fmt: skip
    form = tag("form", "".join(fields), "k-form", data_act="adopt_phrase", data_value=" ".join(phrase.draft_ids))
    line = tag("div", said + tag("span", decline, "k-right"), "k-bar-line")
    told = _slots_told(phrase.text, w) + told
    return tag("div", line + form + told, "k-report k-phrase", data_phrase=phrase.times)


def _slots_told(text: str, w: Words) -> str:
    """What the slots in a phrase stand for."""
    names = [w.named("order", slot) for slot in sorted(Wording(zh=text).zh_slots)]
    return tag("p", esc(w("weekly.slots", names="、".join(names))), "k-meta") if names else ""


def _folded(cards: Sequence[str], w: Words) -> str:
    """The first of them, the rest behind a line to press."""
    rest = cards[FIRST:]
    more = (
        tag("details", tag("summary", esc(w("weekly.more", count=len(rest))), "k-link") + "".join(rest)) if rest else ""
    )
    return "".join(cards[:FIRST]) + more


def _choice(name: str, options: Sequence[tuple[str, str]], chosen: str) -> str:
    shown = "".join(
        tag("option", esc(said), value=value, selected="" if value == chosen else None) for value, said in options
    )
    return tag("select", shown, name_=name)


# --- situations ---


def _situations(
    rows: Sequence[Rewritten], opened: str | None, examples: Sequence[Example], names: Names, w: Words
) -> str:
    if not rows:
        body = empty(w("weekly.nothing"))
    else:
        columns = ("situation", "changed", "rewritten", "judged", "mostly")
        head = "".join(tag("th", esc(w(f"weekly.column.{c}")), scope="col") for c in columns)
        first = "".join(_situation(r, r.situation == opened, examples, names, w) for r in rows[:SHOWN])
        body = tag("table", tag("thead", tag("tr", head)) + tag("tbody", first), "k-table k-week-situations")
        if rest := rows[SHOWN:]:
            more = "".join(_situation(r, r.situation == opened, examples, names, w) for r in rest)
            table = tag("table", tag("tbody", more), "k-table k-week-situations")
            body += tag("details", tag("summary", esc(w("weekly.rest", count=len(rest))), "k-link") + table)
    return _section("situations", w("weekly.situations", weeks=BACK), w("weekly.situations_note"), body)


def _situation(row: Rewritten, is_open: bool, examples: Sequence[Example], names: Names, w: Words) -> str:
    name = _name(row.situation, names, w)
    share = row.changed
    number = w("weekly.of", count=share.count, of=share.of)
    if row.stands_out != "few":
        number += f" · {_percent(share.share)} ({_percent(share.low)}–{_percent(share.high)})"
    mostly = "、".join(f"{w(f'weekly.column.{kind}')} {count}" for kind, count in list(row.kinds.items())[:3])
    open_it = button("unfold_situation", ("▾ " if is_open else "▸ ") + name, "" if is_open else row.situation or "-")
    cells = [
        tag("td", open_it if row.examples else esc(name)),
        tag("td", esc(number)),
        tag("td", str(row.rewritten), "k-number"),
        tag("td", chip(w(f"weekly.stands.{row.stands_out}"), _STANDS_OUT[row.stands_out])),
        tag("td", esc(mostly), "k-meta"),
    ]
    line = tag("tr", "".join(cells), data_situation=row.situation or "-")
    if not is_open:
        return line
    shown = "".join(_example(sent, talk, w) for sent, talk in examples)
    return line + tag("tr", tag("td", shown, colspan="5"), "k-unfolded")


def _example(sent: SentReply, talk: Conversation, w: Words) -> str:
    """The customer's last words, the draft and what was sent, what the other has not marked."""
    kinds = "".join(chip(w(f"weekly.column.{kind}"), "k-quiet") for kind in sent.difference.kinds)
    return tag("div", tag("div", kinds, "k-bar-line") + _pair(sent.reply, sent.sent, talk, w), "k-line k-week-pair")


def _pair(reply: str, sent: str, talk: Conversation | None, w: Words) -> str:
    asked = " / ".join(m.text for m in talk.last_customer_turn) if talk else ""
    alike = SequenceMatcher(None, reply, sent, autojunk=False).ratio() >= REWRITTEN
    was, now = compared(reply, sent) if alike else (esc(reply), esc(sent))  # marks on every word help nobody
    lines = [(w("role.customer"), esc(asked))] if asked else []
    lines += [(w("weekly.drafted"), was), (w("weekly.sent"), now)]
    return "".join(tag("p", tag("span", esc(label), "k-label") + html, "k-diff") for label, html in lines)


# --- conversations worth keeping, thumbs, the shop's own ---


def _conversations(values: Sequence[WorthKeeping], talks: Mapping[str, Conversation], names: Names, w: Words) -> str:
    cards = [_worth_keeping(v, talks.get(v.draft_id), names, w) for v in values]
    body = _folded(cards, w) or empty(w("weekly.none_worth"))
    return _section("candidates", w("weekly.worth"), w("weekly.worth_note"), body)


def _worth_keeping(value: WorthKeeping, talk: Conversation | None, names: Names, w: Words) -> str:
    marks = "".join(chip(w(f"weekly.why.{why}"), "k-caution" if why == "rated_bad" else "k-quiet") for why in value.why)
    line = tag("b", esc(_name(value.situation, names, w))) + marks
    hint = w("weekly.note_hint")
    note = tag(
        "input", "", name_="note", required="", minlength="4", maxlength="300", value=value.reason, placeholder=hint
    )
    fields = tag("label", esc(w("candidate.note")) + note, "k-grow")
    fields += tag("button", esc(w("candidate.go")), "k-button", type="submit")
    form = tag("form", fields, "k-form", data_act="keep_case", data_value=value.draft_id)
    pair = _pair(value.reply, value.sent, talk, w)
    return tag("div", tag("div", line, "k-bar-line") + pair + form, "k-report k-worth", data_draft=value.draft_id)


def _ratings(values: Sequence[Rating], names: Names, w: Words) -> str:
    given: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for r in values:
        if r.reason:
            given[r.good, r.reason].append(_name(r.situation, names, w))
    if not given:
        return ""
    rows = "".join(_reason(*key, given[key], w) for key in sorted(given, key=lambda k: (k[0], -len(given[k]), k[1])))
    return _section("reasons", w("weekly.reasons"), "", tag("ul", rows, "k-week-reasons"))


def _reason(good: bool, reason: str, situations: Sequence[str], w: Words) -> str:
    """A reason with how often it was given, and where."""
    rated = chip(w("reply.good" if good else "reply.bad"), "k-quiet" if good else "k-caution")
    times = f" ×{len(situations)}" if len(situations) > 1 else ""
    where = "、".join(dict.fromkeys(situations))
    return tag("li", rated + esc(f" {reason}{times} ") + tag("span", esc(where), "k-meta"))


def _own(values: Sequence[OwnWording], problem: KefuError | None, names: Names, w: Words) -> str:
    told = tag("p", esc(problem.message(w.language)), "k-note k-block", role="alert") if problem else ""
    body = "".join(_wording(v, names, w) for v in values) or empty(w("weekly.no_own"))
    return _section("own", w("weekly.own", count=len(values)), w("weekly.own_note"), told + body)


def _wording(value: OwnWording, names: Names, w: Words) -> str:
    facts = [_name(value.situation, names, w), w(f"move.{value.move}"), value.by, f"{value.at:%Y-%m-%d}", value.source]
    if value.authority:
        allowed = "、".join(w.named("authority", kind) for kind in value.authority)
        facts.append(w("weekly.only_with", allowed=allowed))
    off = button("remove_wording", w("weekly.remove"), value.id, sure=w("weekly.remove_sure"))
    text = tag("span", esc(value.zh)) + tag("span", off, "k-right")
    meta = tag("p", esc(" · ".join(f for f in facts if f)), "k-meta")
    return tag("div", tag("div", text, "k-bar-line") + meta, "k-line", data_wording=value.id)


def _section(name: str, title: str, note: str, body: str) -> str:
    said = tag("h4", esc(title)) + (tag("p", esc(note), "k-meta") if note else "")
    return tag("section", said + body, "k-week-part", data_part=name)


def _name(situation: str, names: Names, w: Words) -> str:
    return names.get(situation, situation) if situation else w("weekly.unseen")
