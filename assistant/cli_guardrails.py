"""The guardrails as commands use them: all rules, the shop's own among them, and the semantic layer."""

from __future__ import annotations

from assistant.guardrails import Guardrails
from assistant.own_rules import OwnRules
from assistant.settings import Settings
from assistant.terminal import errors, progress_bars
from knowledge.errors import KefuError


def checking(settings: Settings) -> Guardrails:
    """The guardrails that a reply is checked with. Where the layer's model can't be had, the reason is said, and no reply
    passes. DataFileError for a rule file of the shop's own that is wrong.
    """
    from assistant.application import semantic_layer, third_opinion
    from knowledge.embedding import build_offline_model

    with progress_bars() as report:
        try:
            build_offline_model(settings.home / "model", report)
        except KefuError as error:
            errors.print(error.message(settings.language), style="red", markup=False, soft_wrap=True)
    guardrails = Guardrails.load(layer=semantic_layer(settings.home))
    guardrails.consult(third_opinion(settings, guardrails))
    OwnRules(settings.home / "rules", guardrails).load()
    return guardrails
