"""The rules of agreement between head, label, network and class names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headrace.arguments import show_value
from headrace.columns import check_tensor_name, name_tensors
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.heads.classifier import Classifier
from headrace.heads.head import Head
from headrace.heads.regressor import Regressor
from headrace.heads.several_heads import SeveralHeads
from headrace.transform import Transform

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["agree", "check_head", "check_names", "check_tensor"]


def check_head(head: object) -> Head:
    """Return a head; a dict of heads becomes `SeveralHeads`.

    Raises:
        UsageError: `head` is not a head, or a dict of heads by names.
    """
    if isinstance(head, Mapping) and head:
        named: Mapping[object, object] = head
        if all(isinstance(key, str) and isinstance(each, Head) for key, each in named.items()):
            return SeveralHeads(dict(head))
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
            column = owners[output]
            hint = "if it is the label, pass transform.without(label); else rename it before the transform: "
            hint += f"data.rename({{'{column}': '{column}_1'}})"
            if isinstance(head, Regressor):
                hint = "choose another name for the output: Regressor(output)"
            what = "the model reads this column, which is also the name of an output of the head"
            raise SchemaError(what, feature=column, hint=hint)


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


def agree(head: Head, outputs: object, rows: int, label: Any = None, labels: Any = None) -> Head:
    """Check that a head, the output of a network and a label fit each other.

    Args:
        head: The head.
        outputs: What the network returns for some rows; with its gradient graph, a network that ends in a
            softmax or a sigmoid is recognised.
        rows: The number of rows.
        label: The label column, if it is known; of several heads, a dict.
        labels: Labels of some rows, if they are known; of several heads, a dict.

    Returns:
        The head, with the class names that the label defines.

    Raises:
        SchemaError: The label does not fit the head.
        ModelError: The network does not fit the head or the label.
    """
    if isinstance(head, SeveralHeads):
        parts, known, given = head.select(outputs), label or {}, labels or {}
        agreed = {
            key: agree(each, parts[key], rows, known.get(key), given.get(key))
            for key, each in head.heads.items()
        }
        return SeveralHeads(agreed)
    tensor = check_tensor(outputs)
    if not tensor.ndim or len(tensor) != rows:
        per_row = "classes" if isinstance(head, Classifier) else "1"
        what = f"expected outputs of shape [{rows}, {per_row}], got {list(tensor.shape)}"
        raise ModelError(what, hint="return one row of outputs for each row of inputs")
    head = head.for_label(label, tensor)
    head.check_outputs(tensor, label, labels)
    return head
