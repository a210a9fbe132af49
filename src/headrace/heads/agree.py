"""The rules of agreement between head, label, network and class names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headrace.arguments import show_value
from headrace.columns import check_tensor_name, name_tensors
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.heads.classifier import Classifier, class_logits
from headrace.heads.head import Head
from headrace.heads.label import Label, check_classes, list_words
from headrace.heads.regressor import Regressor
from headrace.transform import Transform

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["agree", "check_head", "check_names", "check_tensor"]

# Steps of torch's record of a computation that change the shape or type of a tensor only.
_SHAPE_STEPS = ("View", "UnsafeView", "ReshapeAlias", "Squeeze", "Unsqueeze", "ToCopy", "Clone", "Alias", "T")


def check_head(head: object) -> Head:
    """Return a head.

    Raises:
        UsageError: `head` is not a head.
    """
    if not isinstance(head, Head):
        what = f"head: expected a head, got {show_value(head)}"
        raise UsageError(what, hint="pass Classifier(class_names) or Regressor()")
    return head


def check_names(head: Head, transform: Transform) -> None:
    """Check that the columns that a transform reads and the outputs of a head have distinct names in ONNX.

    Raises:
        SchemaError: A name that ONNX cannot hold, or two tensors of the same name.
    """
    types = transform.input_types
    tensors = name_tensors({name: type_.ragged for name, type_ in types.items()})
    owners = {tensor: column for column, names in tensors.items() for tensor in names}
    for place, output in enumerate(head.outputs):
        check_tensor_name(output)
        if output in head.outputs[:place]:
            raise SchemaError("two outputs of the head have this name", feature=output, hint="rename one")
        if output in owners:
            hint = "rename the column, or leave it out: transform.without(label)"
            if isinstance(head, Regressor):
                hint = "choose another name for the output: Regressor(output)"
            what = "the model reads this column, which is also the name of an output of the head"
            raise SchemaError(what, feature=owners[output], hint=hint)


def check_tensor(outputs: object) -> Tensor:
    """Return the output of a network, which must be one tensor.

    Raises:
        ModelError: It is something else.
    """
    import torch

    if isinstance(outputs, torch.Tensor):
        return outputs
    what = f"expected a tensor from the model, got {type(outputs).__name__}"
    raise ModelError(what, hint="return one tensor from forward")


def agree(
    head: Head, outputs: object, rows: int, label: Label | None = None, labels: Tensor | None = None
) -> Head:
    """Check that a head, the output of a network and a label fit each other.

    Args:
        head: The head.
        outputs: What the network returns for some rows; with its gradient graph, a network that ends in a
            softmax or a sigmoid is recognised.
        rows: The number of rows.
        label: The label column, if it is known.
        labels: Labels of some rows, if they are known.

    Returns:
        The head, with the class names that the label defines.

    Raises:
        SchemaError: The label does not fit the head.
        ModelError: The network does not fit the head or the label.
    """
    tensor = check_tensor(outputs)
    is_classifier = isinstance(head, Classifier)
    if not tensor.ndim or len(tensor) != rows:
        per_row = "classes" if is_classifier else "1"
        what = f"expected outputs of shape [{rows}, {per_row}], got {list(tensor.shape)}"
        raise ModelError(what, hint="return one row of outputs for each row of inputs")
    head = head.for_label(label, tensor)
    head.tensors(tensor)
    if is_classifier:
        _check_activation(tensor)
        _check_class_count(tensor, label)
        if labels is not None:
            check_classes(labels, class_logits(tensor).shape[1])
    return head


def _check_class_count(outputs: Tensor, label: Label | None) -> None:
    counts = None if label is None else label.class_counts
    found = class_logits(outputs).shape[1]
    if label is None or counts is None or found in counts:
        return
    expected = f"{counts[-1]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    words = f" ({list_words(label.words)})" if label.words else ""
    what = f"the label '{label.name}' has {expected} classes{words}, but the model has {found}"
    raise ModelError(what, hint="build the model with one output per class")


def _check_activation(outputs: Tensor) -> None:
    """Refuse probabilities in the place of logits: a second softmax or sigmoid would change them."""
    step: Any = outputs.grad_fn
    while step is not None and step.name().rstrip("0123456789").removesuffix("Backward") in _SHAPE_STEPS:
        step = step.next_functions[0][0]
    name = "" if step is None else step.name().rstrip("0123456789").removesuffix("Backward")
    if name in ("Softmax", "Sigmoid"):
        what = f"expected logits, got the probabilities of a {name.lower()}"
        raise ModelError(what, hint=f"remove the last {name}: Classifier computes the probabilities")
