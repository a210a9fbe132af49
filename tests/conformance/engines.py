"""The engines as tests run them: with two workers each."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest

__all__ = ["beam_engine", "spark_session"]


def beam_engine(mode: str = "multi_threading") -> Any:
    """Beam's direct runner with two workers."""
    pytest.importorskip("apache_beam", reason="Apache Beam is not installed: pip install 'headrace[beam]'")
    from apache_beam.options.pipeline_options import PipelineOptions

    from headrace.transform.engines.beam import BeamEngine

    return BeamEngine(PipelineOptions(["--direct_num_workers=2", f"--direct_running_mode={mode}"]))


def spark_session() -> Iterator[Any]:
    """A local Spark with two threads, stopped in the end."""
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
