"""How `verify` compares: batches, outputs, odd batches, ways of feeding, and the verdict."""

from headrace.deploy.verification.verdict import Difference, OutputCheck, Trial, Verdict

__all__ = ["Difference", "OutputCheck", "Trial", "Verdict"]
