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


class Database:
    """May be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or make the file, migrated to the newest schema. KefuError "disk.full" when there is no room."""
        self._folder = path.parent
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        sa.event.listen(self._engine, "connect", _set_pragmas)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.writing() as connection:
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
            yield connection

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
