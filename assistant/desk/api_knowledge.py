"""REST for the knowledge manager: staging and approval, passages, versions, coverage, export."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, File, Header, Query, UploadFile
from starlette.responses import Response

from assistant.application import Kefu
from assistant.desk import api_models as models
from assistant.desk.knowledge_acts import signed
from assistant.desk.uploads import held
from knowledge.curation import PassageEdit
from knowledge.export import to_zip
from knowledge.values import IngestReport, Passage

Json = dict[str, Any]
Who = Annotated[
    str, Header(alias="X-Kefu-Who", description="who does it, percent-encoded; the operating system's user when absent")
]
Staged = Annotated[bool, Query(description="the document that waits for approval, not the one in use")]


def add_reviews(router: APIRouter, kefu: Kefu) -> None:
    """Documents that wait for approval."""
    review = kefu.knowledge.review

    @router.post("/reviews", response_model=IngestReport, tags=["review"], summary="Stage manuals for approval")
    def stage(files: Annotated[list[UploadFile], File()], who: Who = "") -> Json:
        with tempfile.TemporaryDirectory(prefix="kefu-upload-") as folder:
            given = [(file.filename or "", saved(file, Path(folder) / str(n))) for n, file in enumerate(files)]
            with held(kefu.settings.home, given) as paths:
                return kefu.knowledge.stage(paths, who=signature(who)).model_dump(mode="json")

    @router.get("/reviews", tags=["review"], summary="What waits for approval")
    def waiting() -> Json:
        return {"reviews": [w.model_dump(mode="json") for w in review.waiting()]}

    @router.get(
        "/reviews/{document_id}", tags=["review"], summary="Each stretch of the original and what becomes of it"
    )
    def preview(document_id: str) -> Json:
        return review.preview(document_id).model_dump(mode="json")

    @router.post("/reviews/{document_id}/blocks", tags=["review"], summary="Bring back what was left out")
    def keep_block(document_id: str, body: models.BlockIn, who: Who = "") -> Passage:
        return kefu.knowledge.curation.keep_block(document_id, body.start, signature(who), staged=True)

    @router.post("/reviews/{document_id}/approve", status_code=204, tags=["review"], summary="Make it live")
    def approve(document_id: str, who: Who = "") -> Response:
        review.approve(document_id, signature(who))
        return Response(status_code=204)

    @router.delete("/reviews/{document_id}", status_code=204, tags=["review"], summary="Throw away what waits")
    def discard(document_id: str) -> Response:
        review.discard(document_id)
        return Response(status_code=204)


def add_passages(router: APIRouter, kefu: Kefu) -> None:
    """Changes to single passages, effective at once."""
    curation = kefu.knowledge.curation

    @router.patch("/passages/{passage_id}", tags=["passages"], summary="Change text or description")
    def edit(passage_id: str, body: PassageEdit, who: Who = "", staged: Staged = False) -> Passage:
        return curation.edit(passage_id, body, signature(who), staged=staged)

    @router.post("/passages/{passage_id}/retire", status_code=204, tags=["passages"], summary="Take it out of search")
    def retire(passage_id: str, body: models.NoteIn, who: Who = "", staged: Staged = False) -> Response:
        curation.retire([passage_id], signature(who), body.note, staged=staged)
        return Response(status_code=204)

    @router.post("/passages/{passage_id}/restore", status_code=204, tags=["passages"], summary="Put it back")
    def restore(passage_id: str, who: Who = "", staged: Staged = False) -> Response:
        curation.restore([passage_id], signature(who), staged=staged)
        return Response(status_code=204)

    @router.post("/passages/{passage_id}/flag", status_code=204, tags=["passages"], summary="Flag it with a note")
    def flag(passage_id: str, body: models.NoteIn, who: Who = "", staged: Staged = False) -> Response:
        curation.flag(passage_id, body.note, signature(who), staged=staged)
        return Response(status_code=204)


def add_versions(router: APIRouter, kefu: Kefu) -> None:
    """Versions of documents; coverage; everything as files."""
    versions = kefu.knowledge.versions

    @router.get("/documents/{document_id}/versions", tags=["versions"], summary="Who did what, and when")
    def history(document_id: str) -> Json:
        return {"versions": [v.model_dump(mode="json") for v in versions.of_document(document_id)]}

    @router.get("/documents/{document_id}/difference", tags=["versions"], summary="What two versions do not have alike")
    def difference(document_id: str, older: int, newer: int) -> Json:
        found = versions.difference(document_id, older, newer)
        return {"differences": [d.model_dump(mode="json") for d in found]}

    @router.post("/documents/{document_id}/rollback", tags=["versions"], summary="Bring an older version back")
    def roll_back(document_id: str, body: models.VersionIn, who: Who = "") -> models.VersionOut:
        return models.VersionOut(version=versions.roll_back(document_id, body.version, signature(who)))

    @router.get("/coverage", tags=["knowledge"], summary="What there is for each situation")
    def coverage() -> Json:
        return {
            "situations": [
                {
                    "id": c.situation.id,
                    "name": c.situation.name,
                    "stage": c.situation.stage,
                    "state": c.state,
                    "passages": [{"passage_id": s.passage.passage_id, "how": s.how} for s in c.serving],
                }
                for c in kefu.knowledge.coverage()
            ]
        }

    @router.get("/export", tags=["knowledge"], summary="All knowledge as a zip of files")
    def export() -> Response:
        headers = {"content-disposition": "attachment; filename=kefu-knowledge.zip"}
        return Response(to_zip(kefu.knowledge), media_type="application/zip", headers=headers)


def signature(who: str) -> str:
    """A header holds no Chinese: names come percent-encoded."""
    return signed(unquote(who))


def saved(file: UploadFile, target: Path) -> Path:
    """An uploaded file's content, written to `target`."""
    with target.open("wb") as out:
        while block := file.file.read(1 << 20):
            out.write(block)
    return target
