"""`kefu documents` and `kefu export`: what is in the knowledge base, its history, and all of it as files."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.terminal import errors, say

if TYPE_CHECKING:
    from assistant.application import Kefu

documents_app = typer.Typer(help="知识库里的文档 | the documents in the knowledge base", invoke_without_command=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON | print JSON")]


@contextmanager
def _kefu() -> Iterator[Kefu]:
    from assistant.cli import open_kefu

    with open_kefu() as kefu:
        yield kefu


def _print_json(value: object) -> None:
    say(json.dumps(value, ensure_ascii=False, indent=2))


@documents_app.callback()
def documents(context: typer.Context, as_json: Json = False) -> None:
    """列出文档 | list them."""
    if context.invoked_subcommand:
        return
    with _kefu() as kefu:
        found = kefu.knowledge.documents()
        waiting = kefu.knowledge.review.waiting()
    if as_json:
        _print_json({"documents": [d.model_dump(mode="json") for d in found]})
        return
    for document in found:
        out = "  (已停用 | out of use)" if document.status == "retired" else ""
        say(
            f"{document.id}  {document.title}  段落 {document.passages}  提醒 {document.cautions}  {document.source}{out}"
        )
    if waiting:
        errors.print(f"另有 {len(waiting)} 份在知识台等待确认 | waiting for approval at the desk", markup=False)


@documents_app.command("show")
def show(document_id: str, as_json: Json = False) -> None:
    """看一份文档的段落 | one document's passages."""
    with _kefu() as kefu:
        detail = kefu.knowledge.document(document_id)
    if as_json:
        _print_json(detail.model_dump(mode="json"))
        return
    say(f"{detail.summary.title}  {detail.summary.source}")
    for passage in detail.passages:
        flags = "".join(f" ⚠{c.category}" for c in passage.cautions)
        say(f"\n[{passage.passage_id}] {passage.section}{flags}\n{passage.text}")


@documents_app.command("remove")
def remove(document_id: str) -> None:
    """删去一份文档,连同历史 | remove one with its history."""
    with _kefu() as kefu:
        kefu.knowledge.remove(document_id)
        kefu.records.audit(getpass.getuser(), "document.removed", document=document_id)
    say(f"已删去 | removed: {document_id}")


@documents_app.command("history")
def history(document_id: str, as_json: Json = False) -> None:
    """一份文档的各个版本:谁、何时、做了什么 | its versions: who, when, what."""
    with _kefu() as kefu:
        versions = kefu.knowledge.versions.of_document(document_id)
    if as_json:
        _print_json({"versions": [version.model_dump(mode="json") for version in versions]})
        return
    for version in versions:
        now = "  (在用 | in use)" if version.in_use else ""
        did = ", ".join(dict.fromkeys(change.action for change in version.changes))
        say(f"{version.number}  {version.at}  {version.who or '–'}  {did}{now}")


@documents_app.command("rollback")
def rollback(document_id: str, version: int) -> None:
    """退回某一版 | bring an older version back."""
    with _kefu() as kefu:
        number = kefu.knowledge.versions.roll_back(document_id, version, getpass.getuser())
        kefu.records.audit(getpass.getuser(), "document.rolled_back", document=document_id, version=version)
    say(f"已退回第 {version} 版,记为第 {number} 版 | version {version} is in use again, as version {number}")


def export(
    target: Annotated[Path, typer.Argument(help="新文件夹,或 .zip 文件 | a new folder, or a .zip file")],
) -> None:
    """把知识库全部导出成文件 | write all knowledge as files; `kefu ingest TARGET/manuals` brings it in again."""
    from knowledge.export import to_folder, to_zip

    with _kefu() as kefu:
        if target.suffix.lower() == ".zip":
            target.write_bytes(to_zip(kefu.knowledge))
        else:
            to_folder(kefu.knowledge, target)
    say(f"已导出 | exported: {target}")
