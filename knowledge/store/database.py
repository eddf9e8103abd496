"""The SQLite file: opened, migrated, written in whole transactions, wiped of what was deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from knowledge.disk import full_disk_explained

MIGRATIONS = Path(__file__).parents[1] / "migrations"

WATCH = (
    "CREATE TEMP TABLE IF NOT EXISTS touched (document_id TEXT PRIMARY KEY)",
    *(
        f"CREATE TEMP TRIGGER IF NOT EXISTS {event.lower()}_{table} AFTER {event} ON main.{table} "
        f"BEGIN INSERT OR IGNORE INTO touched {what}; END"
        for event, old_or_new in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
        for table, what in (
            ("documents", f"VALUES ({old_or_new}.document_id)"),
            ("passages", f"SELECT document_id FROM documents WHERE row = {old_or_new}.row"),
        )
    ),
)
"""Notes whose passages a transaction touches, whoever wrote it, so that nobody has to look through all of them afterwards."""


class Database:
    """May be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or make the file, migrated to the newest schema. KefuError "disk.full" when there is no room."""
        self._folder = path.parent
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        sa.event.listen(self._engine, "connect", _set_pragmas)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        self._touched: set[str] = set()
        with full_disk_explained(self._folder), self._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it, or nothing when something is raised."""
        with full_disk_explained(self._folder), self._engine.begin() as connection:
            for statement in WATCH:
                connection.exec_driver_sql(statement)
            yield connection
            touched = connection.exec_driver_sql("SELECT document_id FROM temp.touched").scalars().all()
            connection.exec_driver_sql("DELETE FROM temp.touched")
        self._touched.update(touched)

    def take_touched(self) -> frozenset[str]:
        """Documents of which anything was written since this was last asked."""
        touched, self._touched = self._touched, set()
        return frozenset(touched)

    def erase(self) -> None:
        """Leave no trace of deleted text in the file or in the write-ahead log."""
        engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with full_disk_explained(self._folder), engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
