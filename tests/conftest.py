"""A user's recipe with its data, and a finished run of it: for the tests of recipes and the command line."""

import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# An example takes as long as the machine is busy. Each run draws the same ones: a change is judged by what it
# changes. `pytest --hypothesis-profile random` draws others.
TIMELESS: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("headrace", **TIMELESS, derandomize=True)
settings.register_profile("random", **TIMELESS)
settings.load_profile("headrace")

# gRPC, which Beam and TensorBoard load, breaks processes that start children later, as Spark does.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")


@pytest.fixture(autouse=True)
def no_prepared_data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests from the data sets that are prepared on this machine."""
    monkeypatch.setenv("HEADRACE_DATA_DIR", str(tmp_path_factory.getbasetemp() / "no-data"))


RECIPE = '''"""Predict whether a customer buys, from age and favourite colour."""

from pathlib import Path

from torch import cat, nn

import headrace as hr

TABLE = Path(__file__).with_name("people.csv")


def load(_data_dir):
    rows = hr.Dataset.from_csv(TABLE)
    return hr.Splits(train=rows.skip(40), test=rows.take(40))


def preprocess(inputs):
    t = hr.transform
    colours = t.compute_and_apply_vocabulary(inputs["colour"], num_oov_buckets=1, vocab_filename="colour")
    age = t.fill_missing(inputs["age"], t.mean(inputs["age"]))
    return {"age": t.scale_to_z_score(age), "colour": colours, "buys": inputs["buys"]}


class Network(nn.Module):
    def __init__(self, colours):
        super().__init__()
        self.embedding = nn.Embedding(colours, 2)
        self.last = nn.Linear(3, 2)

    def forward(self, age, colour):
        return self.last(cat([self.embedding(colour), age[:, None]], dim=1))


def build_model(transform, _name):
    return Network(len(transform.vocabularies["colour"]) + 1)


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=build_model,
    label="buys",
    head=hr.deploy.Classifier(("no", "yes")),
    epochs=2,
    batch_size=32,
)
'''

STRIPES = '''"""Classify stripes as lying or standing."""

import numpy as np
from torch import nn

import headrace as hr


def load(_data_dir):
    stripes = np.indices((8, 8)).astype(np.uint8) // 2 % 2 * 255
    labels = np.arange(40) % 2
    rows = hr.Dataset.from_arrays({"image": stripes[labels], "label": labels})
    return hr.Splits(train=rows.skip(8), test=rows.take(8))


def preprocess(inputs):
    image = hr.transform.scale_to_z_score(inputs["image"])
    return {"image": hr.transform.reshape(image, (1, 8, 8)), "label": inputs["label"]}


def build_model(_transform, _name):
    first, second = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
    return nn.Sequential(first, nn.ReLU(), second, nn.Flatten(), nn.Linear(256, 2))


recipe = hr.Recipe(
    load,
    preprocess,
    build_model,
    label="label",
    image="image",
    head=hr.deploy.Classifier(("lying", "standing")),
    epochs=1,
    augment=hr.vision.augment.compose(hr.vision.augment.Flip(), hr.vision.augment.Cutout(2)),
)
'''


def _rows(count: int) -> list[str]:
    """Make rows of age, colour and label; every ninth age is missing."""
    generator = random.Random(0)
    ages = [generator.uniform(18, 80) for _ in range(count)]
    colours = [generator.choice(("red", "green", "naïve blue")) for _ in range(count)]
    return [
        f"{age:.1f},{colour},{int(age > 50)}" if row % 9 else f",{colour},0"
        for row, (age, colour) in enumerate(zip(ages, colours, strict=True))
    ]


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A recipe file with `people.csv` next to it."""
    return write_pipeline(tmp_path)


def write_pipeline(folder: Path) -> Path:
    (folder / "people.csv").write_text("\n".join(["age,colour,buys", *_rows(200)]) + "\n")
    (folder / "my_pipeline.py").write_text(RECIPE)
    return folder / "my_pipeline.py"


@pytest.fixture(scope="session")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run with its recipe next to it; tests must not write to it."""
    from headrace.recipes import Run, RunOptions, execute

    recipe = write_pipeline(tmp_path_factory.mktemp("pipeline"))
    execute(Run(RunOptions(str(recipe)), recipe.with_name("run")))
    return recipe.with_name("run")


@pytest.fixture(scope="session")
def image_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on images whose network is trained; tests must not write to it."""
    from headrace.recipes import Run, RunOptions
    from headrace.recipes.steps import analyze_records, train_model, write_records

    recipe = tmp_path_factory.mktemp("stripes") / "stripes.py"
    recipe.write_text(STRIPES)
    run = Run(RunOptions(str(recipe), shards=1), recipe.with_name("run"))
    write_records(run)
    analyze_records(run)
    assert train_model(run).epochs == 1
    return run.folder


@pytest.fixture
def finished(executed: Path, tmp_path: Path) -> Path:
    """A copy of the folder of a finished run."""
    return Path(shutil.copytree(executed, tmp_path / "run"))


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A local Spark session with two threads."""
    pytest.importorskip("pyspark", reason="Apache Spark is not installed: pip install 'headrace[spark]'")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, which is not installed")
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.sql.shuffle.partitions", 2)
    for name in ("spark.ui.enabled", "spark.ui.showConsoleProgress"):
        builder = builder.config(name, "false")
    session = builder.config("spark.driver.host", "localhost").getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def add_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str, str], ModuleType]]:
    """Add a module to a package for one test: `add_module("headrace.datasets", "planets", source)`."""
    added: list[tuple[ModuleType, str]] = []

    def add(package: str, name: str, source: str) -> ModuleType:
        folder = tmp_path / "added" / package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
        owner = import_module(package)
        monkeypatch.setattr(owner, "__path__", [*owner.__path__, str(folder)])
        added.append((owner, name))
        return import_module(f"{package}.{name}")

    yield add
    for owner, name in added:
        del sys.modules[f"{owner.__name__}.{name}"]
        delattr(owner, name)
