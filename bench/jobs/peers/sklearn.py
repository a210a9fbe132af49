"""scikit-learn on the rows that Headrace trained on: a linear model, and gradient boosting.

    python -m bench.jobs.peers.sklearn table FOLDER LABEL         # prints the scores as JSON
    python -m bench.jobs.peers.sklearn texts FOLDER LABEL

FOLDER holds `train.parquet`, `test.parquet`, and in `ours.npz` the answers of Headrace to the test rows: one
function scores all.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import accuracy_score, roc_auc_score, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 0
MOST_CATEGORIES = 255  # of a column, for histogram gradient boosting


def expand_dates(rows: pd.DataFrame) -> pd.DataFrame:
    """Replace dates by year, month, day of the year and days since 1970; other words become categories."""
    columns: dict[str, Any] = {}
    for name, column in rows.items():
        values = column
        if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
            filled = values.dropna().astype(str)  # dates of Arrow, too
            if len(filled) and filled.str.fullmatch(r"\d{4}-\d\d-\d\d.*").all():
                values = pd.to_datetime(values)
        if pd.api.types.is_datetime64_any_dtype(values):
            days = (values - pd.Timestamp(0)).dt.days
            parts = {
                "year": values.dt.year,
                "month": values.dt.month,
                "day": values.dt.dayofyear,
                "days": days,
            }
            columns |= {f"{name} {part}": found.astype(float) for part, found in parts.items()}
        elif pd.api.types.is_numeric_dtype(values) and values.dtype != bool:
            columns[str(name)] = values.astype(float)
        else:
            columns[str(name)] = values.astype(object).where(values.notna(), "missing").astype(str)
    return pd.DataFrame(columns, index=rows.index)


def linear(numbers: list[str], words: list[str], *, is_number: bool) -> Any:
    """Ridge, or logistic regression, of standardised numbers and one-hot categories."""
    prepare = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
            ("words", OneHotEncoder(handle_unknown="ignore"), words),
        ]
    )
    model = RidgeCV(np.logspace(-3, 3, 13)) if is_number else LogisticRegression(max_iter=2000)
    return make_pipeline(prepare, model)


def boosting(words: list[str], *, is_number: bool) -> Any:
    """Histogram gradient boosting with native categories and native missing values."""
    kind = HistGradientBoostingRegressor if is_number else HistGradientBoostingClassifier
    return kind(categorical_features=words or None, random_state=SEED)


def as_categories(train: pd.DataFrame, test: pd.DataFrame, words: list[str]) -> None:
    """Number the most frequent words of a column; the others, and words new in the test, are missing."""
    for name in words:
        kept = train[name].value_counts().index[: MOST_CATEGORIES - 1]
        kind = pd.CategoricalDtype(kept)
        train[name], test[name] = train[name].astype(kind), test[name].astype(kind)


def area(truth: np.ndarray, classes: np.ndarray, probabilities: np.ndarray) -> float:
    """The area under the ROC curve, of one class against the others, mean over the classes in the test."""
    areas = [
        roc_auc_score(truth == name, probabilities[:, place])
        for place, name in enumerate(classes)
        if 0 < (truth == name).sum() < len(truth)
    ]
    return float(np.mean(areas[:1] if len(classes) == 2 else areas))


def score(truth: np.ndarray, answers: dict[str, np.ndarray]) -> float:
    """The AUC, or the RMSE of numbers."""
    if "numbers" in answers:
        return float(root_mean_squared_error(truth.astype(float), answers["numbers"].ravel()))
    classes = answers["classes"].astype(str)
    missing = set(truth) - set(classes)
    if missing:
        raise SystemExit(f"the classes {missing} are not among {classes}")
    return area(truth, classes, answers["probabilities"])


def as_names(labels: pd.Series) -> np.ndarray:
    """Classes as text, as the exported file names them."""
    if pd.api.types.is_float_dtype(labels) and (labels % 1 == 0).all():
        labels = labels.astype(int)
    return labels.astype(str).to_numpy(dtype=object).astype(str)


def compare_tables(folder: Path, label: str) -> dict[str, Any]:
    """Fit both models; score them and our answers."""
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    ours = dict(np.load(folder / "ours.npz")) if (folder / "ours.npz").is_file() else None
    is_number = "numbers" in ours if ours is not None else (train[label].nunique() > 20)
    x_train, x_test = (expand_dates(part.drop(columns=label)) for part in (train, test))
    words = [str(name) for name in x_train if x_train[name].dtype.kind not in "fib"]
    numbers = [str(name) for name in x_train if name not in words]
    as_label = (lambda values: values.to_numpy(float)) if is_number else as_names
    y_train, truth = as_label(train[label]), as_label(test[label])
    scores: dict[str, Any] = {} if ours is None else {"ours": score(truth, ours)}
    for name in ("linear", "boosting"):
        begin = time.process_time()
        if name == "linear":
            model = linear(numbers, words, is_number=is_number)
        else:
            model = boosting(words, is_number=is_number)
            as_categories(x_train, x_test, words)
        model.fit(x_train, y_train)
        if is_number:
            answers = {"numbers": model.predict(x_test)}
        else:
            answers = {"classes": model.classes_, "probabilities": model.predict_proba(x_test)}
        scores[name] = score(truth, answers)
        scores[f"{name}_cpu"] = time.process_time() - begin
    return scores | {"columns": [*train.columns], "rows": [len(train), len(test)], "is_number": is_number}


def compare_texts(folder: Path, label: str) -> dict[str, Any]:
    """Fit logistic regression on TF-IDF of words and pairs of words; score the accuracy of both."""
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    (text,) = (name for name in train if name != label)
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=10, max_iter=1000))
    begin = time.process_time()
    model.fit(train[text], as_names(train[label]))
    truth = as_names(test[label])
    scores: dict[str, Any] = {"linear": accuracy_score(truth, model.predict(test[text]))}
    scores["linear_cpu"] = time.process_time() - begin
    if (folder / "ours.npz").is_file():
        ours = np.load(folder / "ours.npz")
        scores["ours"] = accuracy_score(truth, ours["classes"][ours["probabilities"].argmax(axis=1)])
    return scores | {"rows": [len(train), len(test)]}


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    compare = {"table": compare_tables, "texts": compare_texts}[sys.argv[1]]
    print(json.dumps(compare(Path(sys.argv[2]), sys.argv[3])))
