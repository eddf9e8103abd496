"""How much of one file is read. Beyond it the file is refused with the reason, not read in part."""

from __future__ import annotations

from typing import Final

CHARACTERS: Final = 4_000_000  # of text, about 4,000 full pages
PAGES: Final = 2_000  # of a PDF; slides of a presentation
ROWS: Final = 20_000  # of all tables of a file
CELLS: Final = 400_000
COLUMNS: Final = 60  # of a table; a table a person reads is narrower
UNPACKED: Final = 300_000_000  # bytes of an Office file, all parts together
PART: Final = 60_000_000  # bytes of one XML part
PARTS: Final = 8_000
RATIO: Final = 200  # unpacked to packed, of parts beyond a megabyte; XML seldom passes 40

MEMORY: Final = 1_500_000_000  # address space of the reading process, bytes
CPU_SECONDS: Final = 60
WALL_SECONDS: Final = 120
