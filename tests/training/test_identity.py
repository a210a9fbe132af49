"""What is stored about a training has fixed names, whatever the classes look like."""

import torch

from headrace.columns import Ragged
from headrace.training.identity import TrainingIdentity
from headrace.training.model_inputs import digest_batch
from headrace.training.options import Options
from headrace.vision.augment import Flip, compose


def test_the_stored_settings_keep_their_names_and_order() -> None:
    augment = compose(Flip())
    options = Options(
        epochs=3,
        augment=augment,
        device="cpu",
        compile=True,
        metrics=("auc",),
        class_weight={0: 1.0, 1: 2.5},
    )
    identity = TrainingIdentity(
        label="y",
        options=options,
        parameters=6,
        layers="ab",
        train_rows=9,
        validation_data="cd",
        weights="ef",
    )
    assert list(identity.to_json().items()) == [
        ("label", "y"),
        ("epochs", 3),
        ("batch_size", 64),
        ("optimizer", "adamw"),
        ("learning_rate", 1e-3),
        ("learning_rates", {}),
        ("schedule", "one_cycle"),
        ("warmup_steps", 0),
        ("gamma", 0.95),
        ("weight_decay", 0.01),
        ("freeze", []),
        ("accumulate", 1),
        ("ema_decay", None),
        ("label_scale", 1.0),
        ("label_smoothing", 0.0),
        ("max_grad_norm", None),
        ("augment", repr(augment)),
        ("seed", 0),
        ("mixed_precision", "no"),
        ("patience", None),
        ("loss", None),
        ("metrics", ["auc"]),
        ("monitor", None),
        ("class_weight", {"0": 1.0, "1": 2.5}),
        ("sample_weight", None),
        ("parameters", 6),
        ("layers", "ab"),
        ("train_rows", 9),
        ("validation_data", "cd"),
        ("weights", "ef"),
    ]


def test_a_batch_of_texts_without_any_term_has_a_digest() -> None:
    empty = torch.zeros(1, dtype=torch.int64).as_strided(
        (0,), (0,)
    )  # as NumPy hands over lists without values
    splits = torch.zeros(3, dtype=torch.int64)
    one = Ragged(torch.tensor([1]), torch.tensor([0, 1, 1]))
    assert digest_batch({"pairs": Ragged(empty, splits)}) != digest_batch({"pairs": one})
