"""What is fitted on the validation data after a training: temperatures and thresholds of heads."""

from headrace.training.calibration.fit_head import FITTED_HEAD, check_choice, fit_head, load_head
from headrace.training.calibration.temperature import find_temperature
from headrace.training.calibration.threshold import find_threshold

__all__ = ["FITTED_HEAD", "check_choice", "find_temperature", "find_threshold", "fit_head", "load_head"]
