"""Whether search works on a manual that nobody prepared: a phrasebook's scenarios must find its scripts.

Phrasebooks name a scenario above each script. The scenario lines are taken out, what is left is ingested as it is, and
each scenario becomes a query. Scripts with the same title in several files answer the same scenario.
`python -m evals.transfer FOLDER` prints the figures; the model of KEFU_HOME is used, nothing is written there.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from assistant.settings import Settings
from assistant.terminal import say
from evals.retrieval import RetrievalCase, measure
from knowledge.base import KnowledgeBase
from knowledge.embedding import Embedder
from knowledge.fold import letters
from knowledge.values import Value

_SCENARIO = re.compile(r"^\**适用场景\**[:\uff1a]\**[ \t]*(.+?)[ \t]*$")
_TITLE = re.compile(r"^#{2,4}[ \t]*(?:\d+\.)?[ \t]*(.+?)[ \t]*$")
_QUOTED = re.compile(r"[\"“「](.+)[\"”」]")
SNIPPET = 17
"""Letters of a script by which its passage is known again."""


class Scenario(Value):
    """One script of a phrasebook: what it is called, when it is used, and how its longest line begins."""

    file: str
    title: str
    said: str
    snippet: str


def read_phrasebook(name: str, text: str) -> tuple[str, tuple[Scenario, ...]]:
    """The text without its scenario lines, and the scenarios. What has no script under it is no scenario."""
    kept: list[str] = []
    found: list[Scenario] = []
    title, said = "", ""
    script: list[str] | None = None
    for line in text.splitlines():
        if scenario := _SCENARIO.match(line):
            said = quoted[1] if (quoted := _QUOTED.search(scenario[1])) else scenario[1]
            continue
        kept.append(line)
        if line.startswith("```"):
            if script is None:
                script = []
                continue
            longest = max(map(letters, script), key=len, default="")
            if said and longest:
                found.append(Scenario(file=name, title=title, said=said, snippet=longest[:SNIPPET]))
            script, said = None, ""
        elif script is not None:
            script.append(line)
        elif heading := _TITLE.match(line):
            title, said = heading[1], ""
    return "\n".join(kept), tuple(found)


def cases_of(scenarios: Sequence[Scenario]) -> tuple[RetrievalCase, ...]:
    """One query per scenario; its kind is the folder that its phrasebook lies in."""
    same: dict[str, list[str]] = defaultdict(list)
    for scenario in scenarios:
        same[letters(scenario.title)].append(scenario.snippet)
    return tuple(
        RetrievalCase(
            id=f"{scenario.file}#{number}",
            query=scenario.said,
            kind=Path(scenario.file).parent.as_posix(),
            gold=tuple(dict.fromkeys(same[letters(scenario.title)])),
            technique=scenario.title,
        )
        for number, scenario in enumerate(scenarios, start=1)
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="phrasebooks in Markdown: a title, a scenario line, a fenced script")
    folder: Path = options.parse_args().folder
    scenarios: list[Scenario] = []
    with tempfile.TemporaryDirectory() as scratch:
        bare = Path(scratch) / "phrasebooks"
        for path in sorted(folder.rglob("*.md")):
            name = path.relative_to(folder)
            text, found = read_phrasebook(name.as_posix(), path.read_text(encoding="utf-8"))
            scenarios.extend(found)
            (bare / name).parent.mkdir(parents=True, exist_ok=True)
            (bare / name).write_text(text, encoding="utf-8")
        settings = Settings.read()
        embedder = Embedder.open(settings.home, settings.embedding_model)
        knowledge = KnowledgeBase.open(Path(scratch) / "home", embedder=embedder)
        try:
            knowledge.ingest([bare])
            for line in measure(knowledge, cases_of(scenarios)).lines():
                say(line)
        finally:
            knowledge.close()


if __name__ == "__main__":
    main()
