"""How a transform is computed: the passes over the data, then the steps row by row; as text and as a picture.

plan.py     the record of it, from a traced graph; it is saved beside the frozen one, whose statistics are
            constants
blocks.py   the steps as a reader sees them: a call of `scale_to_z_score` is one
text.py     what `Transform.explain` prints
layout.py   where each block stands in the picture
picture.py  the picture
"""

from headrace.transform.plan.plan import Pass, Plan, State, Step

__all__ = ["Pass", "Plan", "State", "Step"]
