"""An embedder small enough for every test, and manuals to feed it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.embedding import Embedder, EmbeddingIdentity
from knowledge.embedding.embedder import Vectors
from knowledge.fold import NORMALISER, letters
from knowledge.situations import SituationCatalogue, SituationEntry
from knowledge.values import Caution

DIMENSION = 48


class TinyEmbedder(Embedder):
    """Hashed character pairs: texts that share words lie near each other. `calls` counts the texts embedded."""

    def __init__(self, revision: str = "1", dimension: int = DIMENSION) -> None:
        self.identity = EmbeddingIdentity(
            model="tiny",
            revision=revision,
            dimension=dimension,
            query_prompt="",
            passage_prompt="",
            normaliser=NORMALISER,
        )
        self.embedded: list[str] = []

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._hashed(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return self._hashed(texts)

    def _hashed(self, texts: Sequence[str]) -> Vectors:
        out = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        for row, text in zip(out, texts, strict=True):
            form = letters(text)
            for i in range(max(1, len(form) - 1)):
                row[zlib.crc32(form[i : i + 2].encode()) % len(row)] += 1.0
            row /= max(float(np.linalg.norm(row)), 1e-9)
        return out


MANUAL = """# 退换货手册

给新同事看的退换货办法,按步骤来就不会错。

## 接待

### 技巧:先问清楚再动手
- 别名:问询在前、先核实
- 阶段:售后
- 情境:after.quality, after.exchange

**何时用** 顾客说东西有毛病,又没说清是哪儿。
**步骤**
1. 请顾客拍照。
2. 对照订单看批次。
**说法示例**
- 「麻烦您拍一张瑕疵的照片,我对着订单给您查。」
**不要说**
- ✗「不可能,我们家从来没坏过。」——先否认再查,等于吵架。
**依据** 业内经验。

### 知识:七日无理由的算法
- 阶段:售后

签收次日起算七日,具体以平台页面为准。
"""


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


CATALOGUE = SituationCatalogue(
    entries=(
        SituationEntry(
            id="after.quality",
            name="质量问题",
            stage="after_sale",
            description="顾客说东西有毛病",
            exemplars=tuple(f"{what}坏了" for what in ("杯子", "鞋子", "耳机", "台灯", "风扇", "箱子", "雨伞", "手表")),
            manual_terms=("质量问题",),
            techniques=("先问清楚再动手",),
        ),
        SituationEntry(
            id="pre.bargain",
            name="议价",
            stage="pre_sale",
            description="顾客还价",
            exemplars=tuple(f"{price}块卖不卖" for price in (5, 10, 20, 30, 40, 50, 60, 70)),
            manual_terms=("议价",),
            techniques=("守价",),
        ),
    )
)
OTHER = "一、守价不伤人\n顾客还价的时候,先谢谢他喜欢,再讲清楚价格里有什么,最后给他一个能给的选择。\n"


def opened(home: Path, embedder: TinyEmbedder | None = None) -> KnowledgeBase:
    def cautioner(text: str) -> tuple[Caution, ...]:
        return (Caution(category="blame", reason="推给快递", quote="快递不给力"),) if "快递不给力" in text else ()

    return KnowledgeBase.open(home, embedder=embedder or TinyEmbedder(), cautioner=cautioner, catalogue=CATALOGUE)
