"""Visualization of networks: filters, feature maps, saliency and Grad-CAM."""

from headrace.vision.visualize.capture import Layer
from headrace.vision.visualize.evidence import Classes, grad_cam, saliency
from headrace.vision.visualize.feature_maps import feature_maps
from headrace.vision.visualize.filters import filters, line_filters

__all__ = ["Classes", "Layer", "feature_maps", "filters", "grad_cam", "line_filters", "saliency"]
