"""Where the metrics of a training go: a function `log(metrics, step)`, and TensorBoard."""

from headrace.training.loggers.logger import Log, Logger, Loggers, call_loggers, check_loggers

__all__ = ["Log", "Logger", "Loggers", "call_loggers", "check_loggers"]
