"""Words written by their sound: "bu偿", "zhi量 wen题" and 陪偿 are read as 补偿, 质量问题 and 赔偿.

Which character a syllable stands for is told by its neighbours, from the words of shop talk (words/pinyin.txt); which
characters sound alike, from words/characters.txt. English words are left alone, even where they spell a syllable.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from knowledge.errors import KefuError

WORDS = Path(__file__).parent / "words"
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN_RUN = re.compile(r"[a-z]{2,24}(?: [a-z]{2,24}){0,7}")
_MOST_SYLLABLES = 8
_ALONE = {
    "ni": "你", "nin": "您", "wo": "我", "bu": "不", "de": "的", "tui": "退", "huan": "换", "pei": "赔", "zan": "咱",
    "gei": "给", "chu": "出", "fa": "发", "song": "送", "qian": "钱", "quan": "券", "zhe": "折", "guo": "锅", "ta": "他",
    "bi": "必", "zui": "最", "shou": "收", "dao": "到", "jia": "假", "gun": "滚", "ma": "吗", "la": "啦", "lou": "漏", "cha": "差",
}  # fmt: skip
"""What a syllable without a telling neighbour stands for in shop talk."""
_ENGLISH = frozenset(
    [
        "page",
        "can",
        "me",
        "you",
        "he",
        "she",
        "the",
        "to",
        "go",
        "die",
        "long",
        "men",
        "women",
        "pin",
        "ping",
        "fan",
        "an",
        "den",
        "line",
        "sale",
        "size",
        "case",
        "date",
        "game",
        "same",
        "take",
        "make",
        "name",
        "like",
        "nice",
        "fine",
        "face",
        "rate",
        "pose",
        "mini",
        "bake",
        "cake",
        "base",
        "sun",
        "ban",
        "her",
        "his",
        "use",
        "used",
        "one",
        "pure",
        "tube",
        "ai",
        "we",
        "be",
        "wechat",
        "fee",
        "free",
        "see",
        "tie",
        "die",
        "pie",
        "lie",
        "bee",
        "gene",
        "scene",
        "done",
        "gone",
        "bone",
        "tone",
        "none",
        "here",
        "there",
        "table",
        "cable",
        "able",
        "code",
        "mode",
        "note",
        "hole",
        "pole",
        "sole",
        "tie",
        "die",
        "due",
        "sue",
        "cute",
        "mute",
        "huge",
        "tune",
        "dude",
        "dune",
        "rude",
        "nude",
        "bike",
        "hike",
        "like",
        "mike",
        "pike",
        "life",
        "wife",
        "wine",
        "nine",
        "pine",
        "mine",
        "line",
        "dine",
        "time",
        "lime",
        "dime",
        "mime",
        "side",
        "wide",
        "hide",
        "ride",
        "tide",
        "bite",
        "site",
        "kite",
        "lite",
        "rite",
        "pipe",
        "ripe",
        "wipe",
        "bug",
        "bus",
        "but",
        "cut",
        "hut",
        "nut",
        "gut",
        "put",
        "pan",
        "pen",
        "pun",
        "long",
        "bong",
        "ring",
        "wing",
        "king",
        "sing",
        "ha",
        "ho",
        "hi",
        "do",
        "so",
        "no",
        "on",
        "in",
        "at",
        "line",
        "lines",
        "like",
        "likes",
        "made",
        "male",
        "tale",
        "pale",
        "gale",
        "date",
        "late",
        "gate",
        "mate",
        "fate",
        "hate",
        "sake",
        "wake",
        "lake",
        "fake",
        "safe",
        "wave",
        "save",
        "gave",
        "cafe",
        "nike",
        "gucci",
        "sina",
        "baidu",
        "taobao",
        "tmall",
        "jingdong",
        "douyin",
        "weixin",
        "pinduoduo",
        "pu",
        "pe",
        "pa",
        "diy",
        "cd",
        "dvd",
        "app",
        "menu",
        "banana",
        "panda",
        "tv",
        "vip",
        "ok",
        "on",
        "sofa",
        "china",
        "han",
        "nan",
        "pad",
        "ipad",
        "mate",
        "dan",
        "gang",
        "hua",
    ]
)


class SoundsError(KefuError):
    """A line of a sounds file that can't be read."""


class Sounds:
    """Reads syllables as characters. Built once; safe to share."""

    def __init__(self, guarded: Mapping[str, str], folder: Path = WORDS) -> None:
        """`guarded` are the words looked out for, with their syllables ("补偿": "bu chang"). SoundsError names a bad line."""
        self._pairs: dict[tuple[str, str], str] = {}
        self._after: dict[tuple[str, str], str] = {}
        self._before: dict[tuple[str, str], str] = {}
        self._guarded: set[str] = set()
        for word, spelt in guarded.items():
            for (a, s), (b, t) in itertools.pairwise(zip(word, spelt.split(), strict=True)):
                if _HAN.match(a) and _HAN.match(b):
                    self._learn(s, t, a + b)
                    self._guarded.add(a + b)
        known = set(self._guarded)
        for number, fields in _lines(folder / "pinyin.txt"):
            if len(fields) < 3 or any(len(w) != 2 for w in fields[2:]):
                raise _bad(folder / "pinyin.txt", number)
            known.update(fields[2:])
            for word in fields[2:]:
                self._learn(fields[0], fields[1], word)
        alike: dict[str, str] = {}
        for number, fields in _lines(folder / "characters.txt"):
            if fields[0] == "=":
                known.update(fields[1:])
            elif len(fields) != 2:
                raise _bad(folder / "characters.txt", number)
            else:
                alike[fields[0]] = fields[1]
        self._syllables = frozenset(alike)
        usual = {c for word in known for c in word}
        self._strange = {c: s for s, chars in alike.items() for c in chars if c not in usual and _rare(c)}
        self.homophones = dict(self._alike(guarded, alike, known))
        """Pairs of characters that are no word and sound like a guarded one: 陪偿 -> 赔偿."""

    def _learn(self, s: str, t: str, word: str) -> None:
        self._pairs.setdefault((s, t), word)
        self._after.setdefault((word[0], t), word[1])
        self._before.setdefault((s, word[1]), word[0])

    @staticmethod
    def _alike(guarded: Mapping[str, str], alike: Mapping[str, str], known: set[str]) -> Iterator[tuple[str, str]]:
        for word, spelt in guarded.items():
            for (a, s), (b, t) in itertools.pairwise(zip(word, spelt.split(), strict=True)):
                if not (_HAN.match(a) and _HAN.match(b)):
                    continue
                yield from ((c + b, a + b) for c in alike.get(s, "") if c + b not in known)
                yield from ((a + c, a + b) for c in alike.get(t, "") if a + c not in known)

    def strange(self, text: str) -> Iterator[tuple[int, str]]:
        """Places of characters that shop talk never uses, and what they stand for beside their neighbours (醅钱 -> 赔钱)."""
        for i, c in enumerate(text):
            s = self._strange.get(c)
            if s is not None:
                read = self._after.get((text[i - 1 : i], s)) or self._before.get((s, text[i + 1 : i + 2]))
                if read is not None:
                    yield i, read

    @property
    def strangers(self) -> frozenset[str]:
        """The characters that `strange` looks for."""
        return frozenset(self._strange)

    def spelt(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Spans of folded text that spell characters in Latin letters next to Chinese, and what they stand for."""
        for m in _LATIN_RUN.finditer(text):
            before, after = text[m.start() - 1 : m.start()], text[m.end() : m.end() + 1]
            if not (_HAN.match(before) or _HAN.match(after)):
                continue
            syllables = self._cut(m.group())
            if syllables and (read := self._read(syllables, before, after)):
                yield m.start(), m.end(), read

    def _cut(self, run: str) -> list[str]:
        """The syllables of a run of Latin words; none when a word is English or no pinyin."""
        found: list[str] = []
        for token in run.split(" "):
            if token in _ENGLISH:
                return []
            parts = self._segment(token)
            if not parts:
                return []
            found += parts
        return found if len(found) <= _MOST_SYLLABLES else []

    def _segment(self, token: str) -> list[str]:
        """The token as syllables, the longest first where there is a choice; none when it is no pinyin."""
        best: list[list[str] | None] = [[]] + [None] * len(token)
        for end in range(1, len(token) + 1):
            for size in range(min(6, end), 0, -1):
                head = best[end - size]
                if head is not None and token[end - size : end] in self._syllables:
                    candidate = [*head, token[end - size : end]]
                    known = best[end]
                    if known is None or len(candidate) < len(known):
                        best[end] = candidate
        return best[-1] or []

    def _read(self, syllables: list[str], before: str, after: str) -> str | None:
        out: list[str] = []
        i = 0
        while i < len(syllables):
            s = syllables[i]
            last = out[-1] if out else before
            word = self._pairs.get((s, syllables[i + 1])) if i + 1 < len(syllables) else None
            if word is not None and (last + word[0] not in self._guarded):
                out += word
                i += 2
                continue
            follows = self._after.get((last, s))
            leads = self._before.get((s, after)) if i == len(syllables) - 1 else None
            if follows and leads and leads + after in self._guarded and last + follows not in self._guarded:
                follows = None
            read = follows or leads or _ALONE.get(s)
            if read is None:
                return None
            out.append(read)
            i += 1
        return "".join(out)


def _rare(c: str) -> bool:
    """Whether a character is of GB 2312's second level: not among the 3,755 common ones."""
    return c.encode("gb2312")[0] >= 0xD8


def _lines(path: Path) -> Iterable[tuple[int, list[str]]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.split()


def _bad(path: Path, number: int) -> SoundsError:
    return SoundsError(
        "guardrails.sounds",
        f"{path.name} 第 {number} 行读不懂:应是「音节 音节 词…」或「音节 字…」。",
        f"{path.name}, line {number} can't be read: it should be two syllables and words, or a syllable and characters.",
    )
