"""LangChain's face of the search: any chain that takes a retriever takes this one."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.values import SearchAnswer, SearchResult


@runtime_checkable
class Searches(Protocol):
    """What can be asked: a Searcher, or a KnowledgeBase."""

    def search(self, texts: list[str], k: int = 5) -> SearchAnswer: ...


class PassageRetriever(BaseRetriever):
    """Passages as LangChain documents; each carries in `metadata` what a citation needs, and why it was found."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    searches: Searches
    k: int = 5

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        return [as_document(result) for result in self.searches.search([query], self.k).results]


def as_document(result: SearchResult) -> Document:
    passage = result.passage
    return Document(
        id=passage.passage_id,
        page_content=passage.text,
        metadata={
            "passage_id": passage.passage_id,
            "document_id": passage.document_id,
            "document": passage.document,
            "section": passage.section,
            "stage": passage.stage,
            "kind": passage.kind,
            "techniques": list(passage.techniques),
            "situations": list(passage.serves),
            "cautions": [caution.model_dump() for caution in passage.cautions],
            "start": passage.start,
            "end": passage.end,
            "score": result.score,
            "why": result.why,
        },
    )
