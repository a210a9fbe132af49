"""Does the verdict of `Dataset.profile` name the bottleneck of generated pipelines?

    python -m bench.profile --seed 1            # 50 pipelines; prints how many are named right
    python -m bench.profile --seed 1 --count 5 --verbose

Each pipeline is drawn from a seed: a source, maps, shuffle, batches, a queue and a model, of which one is
made to cost most. What each of them costs is measured without the profiler, by removing it and running the
rest: CPU seconds of the process, and the seconds that a slow disk is known to wait. A pipeline counts only
if what was made slow costs at least 1.5 times as much as any other part, and the pipeline is at least 1.5
times as fast without it. The verdict is right if it names that part and the cause.
"""

import os

# Read when NumPy is imported. Costs are those of one thread; with two, OpenBLAS once waited forever.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
