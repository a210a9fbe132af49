"""Methods of a dataset that choose, rename and add columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

from headrace.arguments import check_mapping, check_names
from headrace.data.methods.base import StageMethods
from headrace.data.stages import Drop, Rename, Select

__all__ = ["ColumnMethods"]


class ColumnMethods(StageMethods):
    """Methods that work on columns by name."""

    def select(self, columns: str | Sequence[str]) -> Self:
        """Keep these columns only, in this order; a source that can skip others does not read them.

        Raises:
            UsageError: A name is not a string, or is repeated.
            SchemaError: When read: a column does not exist.
        """
        return self.apply(Select(check_names(columns, "columns")))

    def drop(self, columns: str | Sequence[str]) -> Self:
        """Drop these columns.

        Raises:
            UsageError: A name is not a string, or is repeated.
            SchemaError: When read: a column does not exist.
        """
        return self.apply(Drop(check_names(columns, "columns")))

    def rename(self, names: Mapping[str, str]) -> Self:
        """Rename columns: `{"old": "new"}`; the others keep their names.

        Raises:
            UsageError: `names` is not a mapping of names to distinct names.
            SchemaError: When read: a column does not exist, or two columns have the same name.
        """
        given = check_mapping(names, "names", '{"old": "new"}')
        old, new = check_names(list(given), "names"), check_names(list(given.values()), "names")
        return self.apply(Rename(tuple(zip(old, new, strict=True))))
