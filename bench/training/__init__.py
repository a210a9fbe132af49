"""The CPU time of a training step of `fit`, beside a loop written by hand on the same feed.

    python -m bench.training                  # a small and a larger dense network
    python -m bench.training --rounds 9

The limit is 1.1: a loop by hand that reads the same batches, and does the same steps of the same optimizer.
"""
