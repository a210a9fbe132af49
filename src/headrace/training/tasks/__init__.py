"""Tasks: what a label is, and the loss and metrics that follow from it; one file a task.

The head says which task it is (`Head.task`); `choose_task` adds what the options choose.
"""

from headrace.training.tasks.choose_task import choose_task
from headrace.training.tasks.classification import Classification
from headrace.training.tasks.multi_label import MultiLabel, count_labels
from headrace.training.tasks.quantiles import Quantiles
from headrace.training.tasks.regression import Regression
from headrace.training.tasks.several import Several
from headrace.training.tasks.targets import Split, Targets
from headrace.training.tasks.task import Task
from headrace.training.tasks.weigh_training import weigh_training

__all__ = [
    "Classification",
    "MultiLabel",
    "Quantiles",
    "Regression",
    "Several",
    "Split",
    "Targets",
    "Task",
    "choose_task",
    "count_labels",
    "weigh_training",
]
