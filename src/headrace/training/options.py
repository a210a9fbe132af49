"""Training options: what a caller chooses about a training, in one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from headrace.arguments import (
    check_choice,
    check_flag,
    check_integer,
    check_integers,
    check_number,
    check_string,
    show_value,
)
from headrace.errors import UsageError
from headrace.suggestions import suggest
from headrace.training.label_options import (
    ClassWeight,
    LabelScale,
    LossFunction,
    check_class_weight,
    check_label_scale,
    check_loss,
    check_metric_names,
    check_threshold_rule,
)
from headrace.training.loggers import Loggers, check_loggers
from headrace.training.optimization_options import (
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULES,
    check_decay,
    check_parts,
    check_rates,
)

if TYPE_CHECKING:
    from headrace.vision.augment import Augmentation

__all__ = ["Options"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a training, the same for `fit`, a recipe and the command line.

    Attributes:
        epochs: Passes over the training data.
        batch_size: Rows per step.
        optimizer: torch's optimizer: "adamw", "adam", "nadam", "radam", "adamax", "adagrad", "adadelta",
            "rmsprop", "sgd" (with Nesterov momentum of 0.9), "asgd" or "rprop". SGD needs a higher learning
            rate and less decay: the CIFAR-10 recipe uses SGD with 0.5 and 1.3e-3, the Fashion-MNIST recipe
            AdamW with 1e-3 and 0.01.
        learning_rate: Peak of the schedule.
        learning_rates: Learning rates of parts of the model: name pattern to rate, such as
            {"features.*": 1e-4}; the first pattern that matches a parameter decides.
        schedule: The learning rate over the steps: "one_cycle", "constant", "cosine" (to 0), "linear" (to 0)
            or "exponential".
        warmup_steps: Steps in which the rate first rises linearly to its peak; "one_cycle" has a warmup of
            its own, of a quarter of the steps.
        gamma: The factor per epoch of the schedule "exponential".
        weight_decay: Decay of weight matrices, kernels and embeddings; biases do not decay. "adamw" subtracts
            the decay from the weights, the other optimizers add it to the gradient.
        freeze: Name patterns of parts that are not trained, such as ["features.*"] or ["embedding"]. Their
            batch norms keep their statistics.
        accumulate: Batches per update of the weights, by the mean gradient over their rows.
        ema_decay: Decay of an exponential moving average of the weights, such as 0.999. The averaged weights
            are validated, saved and returned. None does not average.
        label_scale: Regression: errors are divided by this before they are squared in the loss. Use the
            label's standard deviation if the model predicts in the label's units (see `nn.AffineOutput`). A
            list has one for each number of a row; of several outputs, a dict has those of the numbers.
        label_smoothing: Classification: share of each label's weight that is spread over all classes, in the
            training loss (and in `train_loss`) only; 0.1 is usual.
        max_grad_norm: Clip gradients to this norm; None does not clip.
        augment: Augmentation of training images, drawn anew in every epoch (see `hr.vision.augment`);
            validation images are not augmented.
        seed: Seed of dropout and augmentation. The order of the data is set by the dataset's own seed.
        mixed_precision: "no", "bf16", or "auto": bf16 on GPUs and CPUs with
            instructions for it. Weights remain float32.
        patience: Stop after this many epochs without a better one; None trains all epochs.
        device: "cpu", "cuda" or "mps"; None uses the best available device.
        compile: Run the model through `torch.compile`.
        checkpoint_seconds: Longest time between checkpoints within an epoch; None writes checkpoints at the
            end of epochs only.
        logger: Called with metrics by name and the step, `log(metrics, step)`: `mlflow.log_metrics`, the
            `log` of a run of W&B, or any function; an object with a method `log`; or several of these.
        loss: Replaces the loss of the task: called with the outputs of the model and the labels, returns a
            scalar, or one loss per row [N]. See `docs/tasks.md` for the losses of the tasks.
        metrics: Names of further metrics of the validation data, such as "auc", "f1" or "mae"; computed over
            all rows at once.
        monitor: The metric that selects the best epoch and that patience watches, or "loss"; None is that of
            the task, or the loss, which is weighted, where classes have weights. Of equal epochs the one with
            the smaller validation loss is better.
        class_weight: "balanced", or class (name or number) to weight; a weight multiplies the loss of the
            rows of a class, in training and in validation. "balanced" is rows / (classes x rows of the
            class).
        sample_weight: A column of weights that multiply the training loss of the rows; they are divided by
            their mean. The model does not get the column.
        choose_threshold: Choose the threshold of a binary classifier on the validation data, after the last
            epoch: "f1", "balanced_accuracy", "equal_recall", or the least "recall=0.9" or "precision=0.9".
            None is "equal_recall" with class_weight="balanced", unless the head has a threshold, and else
            0.5.
        calibrate: Fit a temperature that the logits are divided by, on the validation data, after the last
            epoch (Guo et al., On Calibration of Modern Neural Networks, 2017, arXiv:1706.04599).
        rank_timeout: Seconds that a process waits for another, in a training on several processes.
        profile: Measure where the time of some steps goes: (500, 600) from step 500, over all epochs, to the
            one before 600, or to the end of their epoch; True chooses up to 200 steps. `FitResult.profile`
            has the result, and `tensorboard/` its scalars and trace.
    """

    epochs: int = 10
    batch_size: int = 64
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    learning_rates: Mapping[str, float] = field(default_factory=dict[str, float])
    schedule: str = "one_cycle"
    warmup_steps: int = 0
    gamma: float = 0.95
    weight_decay: float = 0.01
    freeze: Sequence[str] = ()
    accumulate: int = 1
    ema_decay: float | None = None
    label_scale: LabelScale = 1.0
    label_smoothing: float = 0.0
    max_grad_norm: float | None = None
    augment: Augmentation | None = None
    seed: int = 0
    mixed_precision: str = "no"
    patience: int | None = None
    device: str | None = None
    compile: bool = False
    checkpoint_seconds: float | None = 60.0
    logger: Loggers | None = None
    loss: LossFunction | None = None
    metrics: Sequence[str] = ()
    monitor: str | None = None
    class_weight: ClassWeight | None = None
    sample_weight: str | None = None
    choose_threshold: str | None = None
    calibrate: bool = False
    rank_timeout: float = 600.0
    profile: tuple[int, int] | bool = False

    def override(self, **changes: Any) -> Options:
        """Return a copy with other values for some options.

        Raises:
            UsageError: An unknown option.

        Example:
            >>> Options(epochs=3).override(batch_size=32).batch_size
            32
        """
        known = [field.name for field in fields(self)]
        for name in changes:
            if name not in known:
                raise UsageError(f"unknown training option '{name}'", hint=suggest(name, known))
        return replace(self, **changes)

    def check(self) -> Options:
        """Check every value that can be checked without a model or data; return a copy with Python's numbers.

        Raises:
            UsageError: A value has the wrong type or is out of range.
        """
        if self.augment is not None and (isinstance(self.augment, type) or not callable(self.augment)):
            raise UsageError(
                f"augment is {self.augment}", hint="compose steps with hr.vision.augment.compose(...)"
            )
        if self.device is not None:
            check_string(self.device, "device")
        return replace(
            self,
            epochs=check_integer(self.epochs, "epochs", 1),
            batch_size=check_integer(self.batch_size, "batch_size", 1),
            learning_rate=check_number(self.learning_rate, "learning_rate", above=0),
            optimizer=check_choice(self.optimizer, "optimizer", OPTIMIZERS),
            learning_rates=check_rates(self.learning_rates),
            schedule=check_choice(self.schedule, "schedule", SCHEDULES),
            warmup_steps=self._check_warmup(),
            gamma=check_number(self.gamma, "gamma", above=0, most=1),
            weight_decay=check_number(self.weight_decay, "weight_decay", least=0),
            freeze=check_parts(self.freeze, "freeze"),
            accumulate=check_integer(self.accumulate, "accumulate", 1),
            ema_decay=check_decay(self.ema_decay, "ema_decay"),
            mixed_precision=check_choice(self.mixed_precision, "mixed_precision", PRECISIONS),
            label_scale=check_label_scale(self.label_scale),
            label_smoothing=self._check_smoothing(),
            max_grad_norm=_check_optional(self.max_grad_norm, "max_grad_norm", above=0),
            seed=check_integer(self.seed, "seed"),
            patience=None if self.patience is None else check_integer(self.patience, "patience", 1),
            compile=check_flag(self.compile, "compile"),
            checkpoint_seconds=_check_optional(self.checkpoint_seconds, "checkpoint_seconds", least=0),
            logger=check_loggers(self.logger),
            loss=check_loss(self.loss),
            metrics=check_metric_names(self.metrics),
            monitor=None if self.monitor is None else check_string(self.monitor, "monitor"),
            class_weight=check_class_weight(self.class_weight),
            sample_weight=None
            if self.sample_weight is None
            else check_string(self.sample_weight, "sample_weight"),
            choose_threshold=check_threshold_rule(self.choose_threshold),
            calibrate=check_flag(self.calibrate, "calibrate"),
            rank_timeout=check_number(self.rank_timeout, "rank_timeout", above=0),
            profile=_check_steps(self.profile),
        )

    def _check_warmup(self) -> int:
        steps = check_integer(self.warmup_steps, "warmup_steps")
        if steps and self.schedule == "one_cycle":
            hint = 'choose schedule="cosine" or "linear", or leave warmup_steps out'
            raise UsageError("warmup_steps: the schedule 'one_cycle' has a warmup of its own", hint=hint)
        return steps

    def _check_smoothing(self) -> float:
        share = check_number(self.label_smoothing, "label_smoothing", least=0)
        if share >= 1:
            raise UsageError(f"label_smoothing is {share:g}", hint="use a number of at least 0 and below 1")
        return share


def _check_steps(steps: Any) -> tuple[int, int] | bool:
    if isinstance(steps, bool):
        return steps
    numbers = check_integers(steps, "profile").tolist()
    if len(numbers) != 2 or not 0 <= numbers[0] < numbers[1]:
        hint = "pass the first step and the one behind the last, such as (500, 600)"
        raise UsageError(f"profile: expected two growing steps, got {show_value(steps)}", hint=hint)
    return numbers[0], numbers[1]


def _check_optional(value: Any, name: str, **bounds: float) -> float | None:
    return None if value is None else check_number(value, name, **bounds)
