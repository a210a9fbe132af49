"""How a transform is computed: the passes over the data, then the steps row by row; as text and as a picture.

steps.py    the record: steps, states, passes
plan.py     the record from a traced graph, and as JSON beside a saved transform, whose graph has constants in
            place of its analyzers
blocks.py   the steps as a reader sees them: a call of `scale_to_z_score` is one block
text.py     the text that `Transform.explain` prints
layout.py   the positions of the blocks in the picture
picture.py  the picture
"""

from headrace.transform.plan.plan import Plan
from headrace.transform.plan.steps import Pass, State, Step, Steps

__all__ = ["Pass", "Plan", "State", "Step", "Steps"]
