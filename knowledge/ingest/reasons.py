"""Why something was left out of a manual, in people's words. Every reason that ingestion gives is named here."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    zh: str
    en: str

    def label(self, language: str = "zh") -> str:
        return self.zh if language == "zh" else self.en


REASONS: dict[str, Reason] = {
    "site_header": Reason("网站导航", "site navigation"),
    "menu": Reason("网站菜单", "site menu"),
    "byline": Reason("来源、作者、阅读量等署名行", "byline"),
    "share_prompt": Reason("分享、关注提示", "prompt to share or follow"),
    "download_prompt": Reason("下载、展开提示", "prompt to download or unfold"),
    "copyright": Reason("版权、备案声明", "copyright notice"),
    "contact": Reason("网站联系方式", "the site's contact line"),
    "footer": Reason("网站页脚", "site footer"),
    "page_number": Reason("页码", "page number"),
    "running_head": Reason("页眉页脚", "running head or foot"),
    "sidebar": Reason("网页侧栏、推荐", "sidebar"),
    "hidden": Reason("隐藏的内容", "hidden content"),
    "deleted": Reason("修订时删去的文字", "deleted in tracked changes"),
    "comment": Reason("批注", "comment"),
    "script": Reason("脚本、样式", "scripts and styles"),
    "no_text": Reason("没有文字层的页", "page without a text layer"),
    "slide_marker": Reason("幻灯片标记", "slide marker"),
    "cover": Reason("封面上的署名", "names on a cover"),
    "table_of_contents": Reason("目录", "table of contents"),
    "ornament": Reason("分隔线", "ruled line"),
    "junk_glyphs": Reason("乱码、水印", "junk glyphs or watermark"),
    "glued_pinyin": Reason("字后夹带的拼音", "pinyin glued behind a character"),
    "inserted_character": Reason("网站插入的防抄字", "characters strewn in by a site"),
    "duplicate": Reason("与已有段落重复", "repeats another passage"),
}
"""By the `reason` of knowledge.values.Dropped. Repairs (a substituted character, a joined line) and fields that are read
into a passage's description are no losses and are not reported."""
