"""Look at raw data: the types and meanings of columns, what to use and what to leave out; needs no torch."""

from headrace.inspection.answers import Power
from headrace.inspection.column import Column
from headrace.inspection.images import ImageFile, ImageFindings, ImagePart, inspect_images
from headrace.inspection.inspect import Findings, inspect
from headrace.inspection.label import Label, LabelKind
from headrace.inspection.roles import Role

__all__ = [
    "Column",
    "Findings",
    "ImageFile",
    "ImageFindings",
    "ImagePart",
    "Label",
    "LabelKind",
    "Power",
    "Role",
    "inspect",
    "inspect_images",
]
