"""Every test has its own KEFU_HOME and no network; what is costly to build is built once for all workers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from pydantic import BaseModel

from knowledge import datafile

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def kefu_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh, empty KEFU_HOME; no setting leaks in from the person who runs the tests."""
    for name in list(os.environ):
        if name.startswith(("KEFU_", "OPENAI_")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("KEFU_HOME", str(home))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return home


@pytest.fixture(scope="session", autouse=True)
def each_data_file_is_read_once() -> Iterator[None]:
    """What a worker has read of a data file serves all its tests, as long as the file is the same; it is frozen."""
    known: dict[tuple[Path, type[BaseModel], bytes], BaseModel] = {}
    load = datafile.load

    def kept(path: Path, schema: type[BaseModel]) -> BaseModel:
        key = (path, schema, path.read_bytes())
        if key not in known:
            known[key] = load(path, schema)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datafile, "load", kept)
        yield


def _once(path: Path, build: Callable[[Path], None]) -> Path:
    """Build `path` once, whichever worker comes first; a build that was cut off is done again."""
    with FileLock(f"{path}.lock"):
        done = path / ".done"
        if not done.exists():
            shutil.rmtree(path, ignore_errors=True)
            build(path)
            done.touch()
    return path


@pytest.fixture(scope="session")
def offline_model(pytestconfig: pytest.Config) -> Path:
    """The offline embedding model, built once and kept in pytest's cache between runs."""
    from knowledge.embedding import build_offline_model

    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("offline-model")

    def build(path: Path) -> None:
        build_offline_model(path)

    return _once(folder / "model", build)


@pytest.fixture
def home_with_model(kefu_home: Path, offline_model: Path) -> Path:
    """A KEFU_HOME that has the offline model and nothing else."""
    shutil.copytree(offline_model, kefu_home / "model", copy_function=os.link)
    return kefu_home


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real manuals beside a developer's checkout; tests that need them do not run without."""
    if not SHARED.is_dir():
        pytest.skip("the real manuals are not here")
    return SHARED


@pytest.fixture(scope="session")
def initialised_home(
    tmp_path_factory: pytest.TempPathFactory, offline_model: Path, pytestconfig: pytest.Config
) -> Path:
    """A KEFU_HOME as `kefu init` leaves it, made once for all workers; copy it, never open it."""
    from assistant.application import Kefu
    from assistant.settings import Settings

    assert pytestconfig.cache is not None
    learnt = pytestconfig.cache.mkdir("exemplars")  # only exemplars that no earlier run saw are embedded again

    def build(path: Path) -> None:
        path.mkdir(parents=True)
        shutil.copytree(offline_model, path / "model", copy_function=os.link)
        shutil.copytree(learnt, path / "cache")
        with Kefu.open(Settings(home=path)) as kefu:
            kefu.initialise()
        shutil.copytree(path / "cache", learnt, dirs_exist_ok=True)
        for old in {kept.name for kept in learnt.iterdir()} - {kept.name for kept in (path / "cache").iterdir()}:
            (learnt / old).unlink()

    base = tmp_path_factory.getbasetemp()
    shared_by_workers = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return _once(shared_by_workers / "initialised-home", build)


@pytest.fixture
def library_home(kefu_home: Path, initialised_home: Path) -> Path:
    """A KEFU_HOME with the shipped library, the test's own."""

    def copy(source: str, target: str) -> object:
        # The model's weights are never written: a link is as good as 470 MB.
        return (os.link if "/model/" in source else shutil.copy2)(source, target)

    shutil.copytree(initialised_home, kefu_home, copy_function=copy)
    return kefu_home


@pytest.fixture
def bare_home(kefu_home: Path, initialised_home: Path) -> Path:
    """A KEFU_HOME that no command has seen, but for what is costly to build: the model and the learnt situations."""
    shutil.copytree(initialised_home / "model", kefu_home / "model", copy_function=os.link)
    shutil.copytree(initialised_home / "cache", kefu_home / "cache")
    return kefu_home
