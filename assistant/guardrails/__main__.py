"""`python -m assistant.guardrails PATH...`: what the guardrails find in replies, manuals and phrasebooks, line by line.

Text and Markdown: every 「quoted」 example of a list item as a reply, and every line of Markdown as a passage (cautions).
An example may name the authority it needs: 「…」〔需授权:compensation_up_to〕. Lines marked ✗ are bad examples and
left out. No order is given with them. A folder stands for the text, Markdown and YAML files in it. Phrasebooks, points and
cases: every wording, with the authorities its move requires and harmless values in its slots.
Exit status 1 when something blocks.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from assistant.authority import Authority
from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.samples import GRANTS, filled, said_under
from knowledge.cases import _File as CaseFile
from knowledge.datafile import load
from knowledge.errors import KefuError
from knowledge.phrasebook import _File as PhrasebookFile
from knowledge.points import _File as PointFile

_SUFFIXES = frozenset({".md", ".txt", ".yaml", ".yml"})
_EXAMPLE = re.compile(r"「([^「」]{2,})」(?:〔需授权[:\uff1a]([^〕]+)〕)?")


@dataclass(frozen=True)
class Checked:
    """A text with the line it stands on and what may be promised in it. `passage` texts are read for cautions."""

    line: int
    text: str
    context: CheckContext
    passage: bool = False


def texts(path: Path) -> Iterator[Checked]:
    """Everything in a file that must hold. Raises KefuError for a phrasebook that breaks its schema."""
    if path.suffix in {".yaml", ".yml"}:
        yield from _phrasebook(path)
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if "✗" in line or not line.strip():
            continue
        examples = _EXAMPLE.findall(line)
        if line.lstrip().startswith(("-", "*")) and examples:
            for text, authority in examples:
                kinds = re.split(r"[、,\uff0c\s]+", authority) if authority else ()
                yield Checked(number, text, CheckContext(authorities=_authorities(kinds)))
            yield Checked(number, line, CheckContext(), passage=True)
        elif path.suffix == ".txt":
            yield Checked(number, line, CheckContext())
        else:
            yield Checked(number, line, CheckContext(), passage=True)


def _phrasebook(path: Path) -> Iterator[Checked]:
    lines = path.read_text(encoding="utf-8").splitlines()
    if any(line.startswith("entries:") for line in lines):
        made_of = [entry.moves for entry in load(path, PhrasebookFile).entries]
    elif any(line.startswith("points:") for line in lines):
        made_of = [point.moves for point in load(path, PointFile).points]
    elif any(line.startswith("cases:") for line in lines):
        made_of = [case.reply for case in load(path, CaseFile).cases]
    else:
        yield from (Checked(n, t, CheckContext()) for n, t in _strings(path))
        return
    for moves in made_of:
        for move in moves:
            for wording in move.wordings:
                for text in filter(None, (wording.zh, wording.en)):
                    number = next((i for i, line in enumerate(lines, 1) if text[:12] in line), 1)
                    shown = filled(text, english=text is wording.en)
                    yield Checked(number, shown, said_under(move.authority, move.lacks))


def _strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every scalar value of a YAML file with its line."""
    stack = [yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)]
    while stack:
        node = stack.pop()
        if isinstance(node, yaml.MappingNode):
            stack.extend(value for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            stack.extend(node.value)
        elif isinstance(node, yaml.ScalarNode) and len(node.value) > 3:
            yield node.start_mark.line + 1, node.value


def _authorities(kinds: Sequence[str]) -> tuple[Authority, ...]:
    sums = {str(kind): amount for kind, amount in GRANTS.items()}
    return tuple(Authority.parse(k if ":" in k else k + sums.get(k, "")) for k in kinds if k.strip())


def _files(names: Sequence[str]) -> Iterator[Path]:
    """The named files, and those in the named folders. KefuError for what isn't there."""
    for name in names:
        path = Path(name)
        if path.is_dir():
            yield from (p for p in sorted(path.rglob("*")) if p.suffix in _SUFFIXES)
        elif path.is_file():
            yield path
        else:
            raise KefuError(
                "guardrails.no_file",
                f"没有「{name}」这个文件或文件夹:请核对路径。",
                f"No file or folder {name}: check the path.",
            )


def main(arguments: Sequence[str]) -> int:
    """Print every finding of the named files; 0 when nothing blocks, 1 when something does, 2 for wrong usage. KefuError names a path that is missing."""
    if not arguments:
        sys.stderr.write(__doc__ or "")
        return 2
    guardrails = Guardrails.load()
    blocked = 0
    for path in _files(arguments):
        for checked in texts(path):
            where = f"{path}:{checked.line}"
            if checked.passage:
                for caution in guardrails.cautions(checked.text):
                    blocked += 1
                    sys.stdout.write(f"{where}: caution {caution.category}: {caution.reason} | {checked.text[:60]}\n")
                continue
            verdict = guardrails.check(checked.text, checked.context)
            blocked += verdict.verdict != "pass"
            for f in verdict.findings:
                sys.stdout.write(f"{where}: {f.severity} {f.rule} 「{f.text}」 {f.message} | {checked.text[:80]}\n")
            if verdict.rewrite:
                sys.stdout.write(f"    -> {verdict.rewrite[:200]}\n")
    sys.stdout.write(f"{blocked} to mend\n")
    return 1 if blocked else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KefuError as error:
        sys.exit(error.zh)
