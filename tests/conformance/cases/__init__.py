"""The cases on which every op is compared between runtimes, by the name of the op; a file a family of ops.

An op without cases fails the suite.
"""

from . import dates, images, lists, numbers, strings, vocabularies
from .case import FLOATS, INTEGERS, Case, specials

__all__ = ["CASES", "FLOATS", "INTEGERS", "Case", "specials"]

CASES: dict[str, list[Case]] = {
    name: cases
    for family in (numbers, dates, strings, lists, vocabularies, images)
    for name, cases in family.CASES.items()
}
