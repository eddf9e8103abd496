"""The shop's own rules as HTML: the list, and what a dry run found."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.desk.render.markup import chip, empty, esc, tag, with_findings
from assistant.desk.render.passages import button
from assistant.desk.text import Words
from assistant.own_rules import OwnRule
from assistant.rule_form import RuleForm
from assistant.rule_trial import Newly, Trial
from assistant.values import Finding

SHOWN = 30
"""Lines of one kind that are shown at most; the rest are counted."""


def listed(rules: Sequence[OwnRule], w: Words) -> str:
    """Each rule with what it forbids, whether it is on, and what can be done with it."""
    if not rules:
        return empty(w("rules.none"))
    return "".join(_rule(rule, w) for rule in rules)


def _rule(rule: OwnRule, w: Words) -> str:
    state = chip(w("rules.on" if rule.on else "rules.off"), "k-pass" if rule.on else "k-quiet")
    switch = button(
        "rule_off" if rule.on else "rule_on", w("rules.switch_off" if rule.on else "rules.switch_on"), rule.name
    )
    if rule.file is None:
        said = tag("p", esc((rule.problem or ("", ""))[w.language == "en"]), "k-note k-block", role="alert")
        head = tag("b", esc(rule.name)) + chip(w("rules.spoiled"), "k-block") + tag("span", switch, "k-right")
        return tag("div", tag("div", head, "k-bar-line") + said, "k-report k-rule", data_rule=rule.name)
    file = rule.file
    by_form = RuleForm.of(file, rule.name) is not None
    edit = (
        button("rule_edit", w("rules.edit"), rule.name) if by_form else tag("span", esc(w("rules.by_hand")), "k-meta")
    )
    head = tag("b", esc(file.title)) + state + chip(w(f"severity.{file.severity}"), f"k-{file.severity}")
    head += chip(w(f"category.{file.category}"), "k-quiet") + tag("span", edit + switch, "k-right")
    body = tag("p", esc(file.forbids), "k-meta")
    css = "k-report k-rule" + ("" if rule.on else " k-retired")
    return tag("div", tag("div", head, "k-bar-line") + body, css, data_rule=rule.name)


def trial(value: Trial, severity: str, w: Words) -> str:
    """What a dry run found: numbers first, then what would be a mistake, then the drafts, then what it rightly finds."""
    kind = w(f"rules.would.{severity}")
    numbers = w(
        "rules.numbers",
        drafts=value.drafts,
        labelled=value.labelled,
        kind=kind,
        without=value.without,
        within=value.within,
    )
    head = tag("h3", esc(w("rules.trial"))) + tag("p", esc(numbers), "k-numbers")
    wrong = value.wrong
    if wrong:
        head += tag("p", esc(w("rules.wrong", count=len(wrong))), "k-note k-block", role="alert")
    elif value.found:
        head += tag("p", esc(w("rules.no_wrong")), "k-note k-pass")
    else:
        head += tag("p", esc(w("rules.nothing_new")), "k-note k-pass")
    others = [f for f in value.found if not f.wrong]
    groups = (
        ("rules.group.wrong", wrong),
        ("rules.group.drafts", [f for f in others if f.origin == "draft"]),
        ("rules.group.wanted", [f for f in others if f.origin == "labelled" and f.wanted]),
        ("rules.group.bare", [f for f in others if f.origin == "labelled" and not f.wanted]),
    )
    body = "".join(_group(w(key, count=len(found)), found, w) for key, found in groups if found)
    return tag("section", head + body, "k-trial", data_found=len(value.found), data_wrong=len(wrong))


def _group(title: str, found: Sequence[Newly], w: Words) -> str:
    more = tag("p", esc(w("rules.more", count=len(found) - SHOWN)), "k-meta") if len(found) > SHOWN else ""
    return tag("p", esc(title), "k-label") + "".join(_line(one, w) for one in found[:SHOWN]) + more


def _line(one: Newly, w: Words) -> str:
    mark = Finding(
        category=one.category, severity=one.severity, span=one.span, text=one.words, message=one.words, rule=one.rule
    )
    under = "rules.under.both" if one.bare and one.allowed else "rules.under.bare" if one.bare else "rules.under.given"
    text = tag("span", with_findings(one.text, [mark]), "k-fulltext")
    return tag("div", text + chip(w(under), "k-quiet"), "k-line", data_new="wrong" if one.wrong else one.origin)
