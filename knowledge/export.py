"""Everything the knowledge base holds as files that people and programs read: manuals in Markdown, the data that ships
beside them, and a manifest. `kefu ingest FOLDER/manuals` brings the manuals in again.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from knowledge.base import KnowledgeBase
from knowledge.errors import KefuError
from knowledge.fold import letters
from knowledge.ingest.read import layout_of
from knowledge.phrasebook import PHRASEBOOKS
from knowledge.policies import POLICIES
from knowledge.situations import SITUATIONS
from knowledge.store import PlacedPassage
from knowledge.values import DocumentSummary, PassageKind, Stage

FORMAT = 1
MANIFEST = "manifest.json"
_BLOCKS: dict[PassageKind, str] = {"procedure": "流程", "fact": "知识", "policy": "知识"}
_STAGES: dict[Stage, str] = {"pre_sale": "售前", "in_sale": "售中", "after_sale": "售后", "general": "通用"}
_OWN_BLOCK = re.compile(r"(?:技巧|流程|知识|顾客类型)[::]")
_ALIASES = re.compile(r"(?m)^[-*][ \t]*别名[::].*\n?")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def entries(base: KnowledgeBase) -> Iterator[tuple[str, bytes]]:
    """(path inside the export, content), the manifest last."""
    told: list[dict[str, object]] = []
    names: set[str] = set()
    for summary in base.documents():
        version = base.versions.of_document(summary.id)[0].number
        placed = base.versions.at(summary.id, version)
        folder = "manuals" if summary.status == "live" else "retired"
        path = f"{folder}/{_name(summary, names)}"
        text = manual(summary, placed, base.source_text(summary.id))
        yield path, text.encode("utf-8", "replace")
        told.append(_told(path, summary, version, placed))
    for name, source in (("situations", SITUATIONS), ("phrasebooks", PHRASEBOOKS), ("policies", POLICIES)):
        for file in sorted(source.glob("*.yaml")):
            yield f"{name}/{file.name}", file.read_bytes()
    about = {"format": FORMAT, "exported_at": datetime.now(UTC).isoformat(timespec="seconds"), "documents": told}
    yield MANIFEST, json.dumps(about, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def to_folder(base: KnowledgeBase, folder: Path) -> int:
    """Write the export into a new or empty folder; gives the number of files. KefuError "export.not_empty"."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise KefuError(
            "export.not_empty",
            f"{folder} 里已有东西:请给一个新的或空的文件夹。",
            f"There is something in {folder} already: name a new or an empty folder.",
        )
    count = 0
    for name, content in entries(base):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        count += 1
    return count


def to_zip(base: KnowledgeBase) -> bytes:
    """The export as one zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries(base):
            packed.writestr(name, content)
    return out.getvalue()


def manual(summary: DocumentSummary, placed: Sequence[PlacedPassage], source: str) -> str:
    """A document as Markdown: its own text where nobody changed it, else written anew from its passages."""
    if layout_of(Path(summary.source)) == "markdown" and not any(p.amended for p in placed):
        return source
    out = [] if any(_has_line(p.passage.text, summary.title) for p in placed[:1]) else [f"# {summary.title}"]
    above: tuple[str, ...] = ()
    for one in placed:
        if one.status == "live":
            trail = tuple(part for part in one.passage.section.split(" > ") if part)
            out.append(_passage(one, trail, above))
            above = trail
    return "\n\n".join(out) + "\n"


def _passage(placed: PlacedPassage, trail: tuple[str, ...], above: tuple[str, ...]) -> str:
    """Its headings, as far as neither its text nor the passage above has them, what it declares, and its text."""
    passage = placed.passage
    known = 0
    while known < min(len(trail), len(above)) and trail[known] == above[known]:
        known += 1
    text = passage.text
    headings = [
        f"{'#' * min(level + 2, 6)} {part}"
        for level, part in enumerate(trail)
        if level >= known and not _has_line(text, part)
    ]
    own_block = bool(trail) and _OWN_BLOCK.match(trail[-1]) is not None
    if own_block and known == len(trail):
        return text  # a further part of a block whose fields are said above
    if not own_block and not passage.situations:
        return "\n\n".join((*headings, text))
    if not own_block:
        name = passage.techniques[0] if passage.techniques else (trail[-1] if trail else text.split("\n", 1)[0])[:16]
        headings.append(f"### {_BLOCKS.get(passage.kind, '技巧')}:{name}")
    return _with_fields(headings, placed, text)


def _with_fields(headings: Sequence[str], placed: PlacedPassage, text: str) -> str:
    """The fields stand right behind the block's heading, which opens the text or is the last of `headings`."""
    passage = placed.passage
    fields = "".join(
        f"- {name}:{said}\n"
        for name, said in (
            ("别名", "、".join(passage.techniques[1:])),
            ("阶段", _STAGES[passage.stage]),
            ("情境", ", ".join(passage.situations)),
        )
        if said
    )
    text = _ALIASES.sub("", text, count=1)
    lines = text.split("\n")
    at = next((i for i, line in enumerate(lines) if _OWN_BLOCK.match(line.lstrip("# "))), None)
    if at is None:
        return "\n".join((*headings, fields, text))
    return "\n".join((*headings, *lines[: at + 1], fields.rstrip("\n"), *lines[at + 1 :]))


def _has_line(text: str, heading: str) -> bool:
    wanted = letters(heading)
    return any(letters(line) == wanted for line in text.split("\n")[:6])


def _told(path: str, summary: DocumentSummary, version: int, placed: Sequence[PlacedPassage]) -> dict[str, object]:
    return {
        "file": path,
        **summary.model_dump(mode="json"),
        "version": version,
        "passage_list": [
            {
                **p.passage.model_dump(mode="json", exclude={"document", "document_id"}),
                **p.model_dump(mode="json", include={"status", "edited", "kept", "flag"}),
            }
            for p in placed
        ],
    }


def _name(summary: DocumentSummary, taken: set[str]) -> str:
    """A file name from the title; with the document's id where another one has it already."""
    stem = _UNSAFE.sub("_", summary.title).strip(" ._")[:80] or summary.id
    name = f"{stem}.md" if f"{stem}.md" not in taken else f"{stem}-{summary.id}.md"
    taken.add(name)
    return name
