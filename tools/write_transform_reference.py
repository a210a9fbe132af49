"""Write docs/transform.md: the signature and summary of every public function of hr.transform.

    python tools/write_transform_reference.py

Everything comes from the functions themselves, except their names in TF Transform and Keras.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from headrace import transform
from headrace.transform import analyzers, mappers, ops

__all__ = ["PEERS", "page"]

PAGE = Path(__file__).parents[1] / "docs" / "transform.md"
ABOUT = """\
# `hr.transform`

The functions that a preprocessing function may call. `hr.transform.analyze` computes statistics over the
whole data set; from then on they are constants. All other functions work row by row, and give the same values
in training and in every runtime (see [conformance](conformance.md)). `help(hr.transform.NAME)` shows the
arguments, formulas, sources and examples.

`python tools/write_transform_reference.py` generates this page.

## Rules for numbers

- No rows: `analyze` refuses the data, with every engine.
- NaN: statistics ignore it, and it stays NaN in a column. A statistic of NaN alone is NaN; sums and sizes
  are 0.
- Infinity: it counts in extrema and quantiles. It makes sums and means infinite, or NaN for both signs, and
  variances NaN; no z-score is finite then. `analyze` and `adapt` warn where a mapper or a layer scales such a
  column: limit it by `clip`, or make the infinite values missing by `where`.
- Integers of 32 and 64 bits with a statistic, a float or in a quotient: exact, or float64 until the result is
  small. The mappers return float32. Integers of 8 and 16 bits become float32, which holds them.
- Extrema of integers: exact integers in comparisons and choices, float64 in arithmetic.
- uint64: scaling is exact; comparisons, arithmetic with columns and `isin` are refused, as no runtime
  computes with it. Cast it to int64.
- Constants: a comparison is that of the exact numbers. `where`, `clip`, `fill_missing` and `lookup` refuse a
  constant that the type of the column does not hold. Fractions below 2**24 are rounded to float32.
- Near the ends of float32 and float64: moments, covariances and scaling are right, unless the result itself
  overflows or underflows.
- Dates: microseconds in UTC, exact from year 1 to 9999; an integer needs the unit that it counts. What is not
  a date is missing, and its parts are NaN; see [dates](dates.md).
- Quantiles of integers: exact up to 2**53, rounded to float64 beyond. Boundaries that the function passes
  are exact.

Integers of 32 and 64 bits with statistics are computed in float64, in ONNX too. The bundles of
onnxruntime-web that lack float64 (webgpu, jspi) cannot run such a file: run it in the wasm bundle, or cast
the columns to float32 first.
"""
SECTIONS = {
    "Analysis": ["analyze", "plan", "Transform", "Plan", "Column"],
    "Statistics of the whole data set": [name for name in analyzers.__all__ if hasattr(transform, name)],
    "Mappers: statistics and the ops that use them": mappers.__all__,
    "Row-wise ops": ops.__all__,
}

_SAME = """
    apply_buckets apply_buckets_with_interpolation apply_vocabulary approximate_vocabulary bag_of_words
    bucketize bucketize_per_key compute_and_apply_vocabulary count_per_key covariance
    estimated_probability_density hash_strings histogram max mean min ngrams pca quantiles
    scale_by_min_max scale_by_min_max_per_key scale_to_0_1 scale_to_0_1_per_key scale_to_gaussian
    scale_to_z_score scale_to_z_score_per_key segment_indices size sum tfidf tukey_h_params
    tukey_location tukey_scale var vocabulary word_count
"""
# The name in TF Transform (tft) or, for functions that it does not have, in Keras's layers.
PEERS = {
    **{name: f"tft.{name}" for name in _SAME.split()},
    "analyze": "tft_beam.AnalyzeDataset",
    "Transform": "tft.TFTransformOutput",
    "deduplicate_per_row": "tft.deduplicate_tensor_per_row",
    "to_dense": "tft.sparse_tensor_to_dense_with_shape",
    "center_crop": "layers.CenterCrop",
    "crop_to_aspect_ratio": "layers.Resizing",
    "count_vector": "layers.CategoryEncoding",
    "hashed_cross": "layers.HashedCrossing",
    "multi_hot": "layers.CategoryEncoding",
    "one_hot": "layers.CategoryEncoding",
    "rescale": "layers.Rescaling",
    "resize": "layers.Resizing",
    "tokenize_characters": "layers.TextVectorization",
    "tokenize_whitespace": "layers.TextVectorization",
    "strip_punctuation": "layers.TextVectorization",
}


def page() -> str:
    """Generate the page."""
    parts = [ABOUT]
    for title, names in SECTIONS.items():
        rows = [_row(name, getattr(transform, name)) for name in names]
        parts.append(
            "\n".join([f"\n## {title}\n", "| function | summary | elsewhere |", "|---|---|---|", *rows, ""])
        )
    return "".join(parts)


def _row(name: str, what: Callable[..., Any]) -> str:
    shown = f"`{name}{_signature(what)}`"
    first = (inspect.getdoc(what) or "").splitlines()[0].replace("|", r"\|")
    return f"| {shown} | {first} | {f'`{PEERS[name]}`' if name in PEERS else ''} |"


def _signature(what: Callable[..., Any]) -> str:
    if inspect.isclass(what):
        return ""
    given = inspect.signature(what)
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in given.parameters.values()]
    return str(inspect.Signature(bare)).replace("|", r"\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
