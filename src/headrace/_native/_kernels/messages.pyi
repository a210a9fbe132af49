"""Parsers, surveys and encoders of `tf.train` and `tensorflow` messages."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from headrace._native._kernels.enums import LocalState, SelectedState, TensorFault, ValueKind
from headrace._native._kernels.framing import Bytes, LocalRecords
from headrace._native.types import FeatureSpec, FeatureSummary, RecordFailure

Numbers: TypeAlias = NDArray[np.float32] | NDArray[np.int64] | NDArray[np.uint8]
# (values, offsets of bytes values, row splits of lists, validity bitmap)
ParsedColumn: TypeAlias = tuple[
    Numbers, NDArray[np.int32] | None, NDArray[np.int32] | None, NDArray[np.uint8] | None
]
# (column of steps, row splits, validity bitmap)
ParsedList: TypeAlias = tuple[ParsedColumn, NDArray[np.int32], NDArray[np.uint8] | None]
# (name, kind, values, offsets of bytes values, row splits or None, values per row without row splits,
#  one byte per row: whether it is present, or None; whether bytes must be UTF-8)
ColumnView: TypeAlias = tuple[
    str,
    ValueKind | int,
    Numbers,
    NDArray[np.int64] | None,
    NDArray[np.int64] | None,
    int,
    NDArray[np.uint8] | None,
    bool,
]
# (column of steps, row splits, one byte per row: whether it is present, or None; number of steps)
FeatureListView: TypeAlias = tuple[ColumnView, NDArray[np.int64], NDArray[np.uint8] | None, int]

class ExampleParser:
    """Parses serialised `tf.train.Example` records into the buffers of Arrow columns.

    Raises:
        ValueError: A feature with kind `NONE`, an impossible layout, or a size out of range.
    """

    def __init__(self, features: list[FeatureSpec]) -> None: ...
    def reserve(self, records: int, bytes: int) -> None:  # noqa: A002
        """Reserve memory for the total number of records, and bytes of data, that will have been appended."""

    def append(
        self, data: Bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> RecordFailure | None:
        """Parse the records in `data`. After a failure the parser must be discarded.

        Raises:
            ValueError: A record lies outside `data`.
        """

    def append_unverified(
        self, data: Bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> RecordFailure | None:
        """Verify the checksum that follows each record, then parse the record, as `append` does.

        Raises:
            ValueError: A record or its checksum lies outside `data`.
        """

    def append_local(
        self, records: LocalRecords, max_records: int, stop: int
    ) -> tuple[int, LocalState, RecordFailure | None]:
        """Parse at most `max_records` records of a local file that start before byte `stop`.

        Returns:
            The number of records parsed; where parsing stopped; and the failure of the next record, if any,
            after which the parser must be discarded.
        """

    def append_selected(
        self, files: NDArray[np.int32], offsets: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> tuple[int, SelectedState, int, RecordFailure | None]:
        """Verify and parse records of local files, whose frames lie at known places, in any order.

        Args:
            files: The descriptor of each record's file, [n].
            offsets: Where each frame starts in its file, [n].
            lengths: The length of each frame: header, data and footer, [n].

        Returns:
            The number of records parsed; why parsing stopped; errno if the file is unreadable; and the
            failure of the next record, if any. Unless all were parsed, the parser must be discarded.

        Raises:
            ValueError: An impossible place.
        """

    def finish(self) -> list[ParsedColumn]:
        """Return the columns, in the order of the features, and leave the parser empty."""

    @property
    def rows(self) -> int:
        """The number of records parsed."""

class ExampleSurvey:
    """Infers the features of serialised `tf.train.Example` records."""

    def __init__(self) -> None: ...
    def append(
        self, data: Bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> RecordFailure | None:
        """Add the records in `data`. After a failure the survey must be discarded.

        Raises:
            ValueError: A record lies outside `data`.
        """

    def features(self) -> list[FeatureSummary]:
        """Return a summary of each feature, in the order of first occurrence."""

    @property
    def rows(self) -> int:
        """The number of records added."""

class SequenceParser:
    """Parses serialised `tf.train.SequenceExample` records into the buffers of Arrow columns.

    A feature list is given as (feature of a step, whether the list is required). A failure's feature index
    counts the context features first, then the feature lists.
    """

    def __init__(self, context: list[FeatureSpec], feature_lists: list[tuple[FeatureSpec, bool]]) -> None: ...
    def reserve(self, records: int, bytes: int) -> None:  # noqa: A002
        """Reserve memory for the total number of records, and bytes of data, that will have been appended."""

    def append(
        self, data: Bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> RecordFailure | None:
        """Parse the records in `data`. After a failure the parser must be discarded.

        Raises:
            ValueError: A record lies outside `data`.
        """

    def append_unverified(
        self, data: Bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> RecordFailure | None:
        """Verify the checksum that follows each record, then parse the record, as `append` does.

        Raises:
            ValueError: A record or its checksum lies outside `data`.
        """

    def append_local(
        self, records: LocalRecords, max_records: int, stop: int
    ) -> tuple[int, LocalState, RecordFailure | None]:
        """Parse at most `max_records` records of a local file that start before byte `stop`.

        Returns:
            The number of records parsed; where parsing stopped; and the failure of the next record, if any,
            after which the parser must be discarded.
        """

    def append_selected(
        self, files: NDArray[np.int32], offsets: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> tuple[int, SelectedState, int, RecordFailure | None]:
        """Verify and parse records of local files, whose frames lie at known places, in any order.

        Args:
            files: The descriptor of each record's file, [n].
            offsets: Where each frame starts in its file, [n].
            lengths: The length of each frame: header, data and footer, [n].

        Returns:
            The number of records parsed; why parsing stopped; errno if the file is unreadable; and the
            failure of the next record, if any. Unless all were parsed, the parser must be discarded.

        Raises:
            ValueError: An impossible place.
        """

    def finish(self) -> tuple[list[ParsedColumn], list[ParsedList]]:
        """Return the columns of the context and of the feature lists, and leave the parser empty."""

    @property
    def rows(self) -> int:
        """The number of records parsed."""

class SequenceSurvey:
    """Infers the context features and feature lists of serialised `tf.train.SequenceExample` records.

    An Example counts as a SequenceExample without feature lists.
    """

    def __init__(self) -> None: ...
    def append(
        self, data: Bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> RecordFailure | None:
        """Add the records in `data`. After a failure the survey must be discarded.

        Raises:
            ValueError: A record lies outside `data`.
        """

    def context(self) -> list[FeatureSummary]:
        """Return a summary of each context feature, in the order of first occurrence."""

    def feature_lists(self) -> list[tuple[FeatureSummary, int, int]]:
        """Return for each feature list a summary of its steps, and the numbers of records and steps."""

    @property
    def rows(self) -> int:
        """The number of records added."""

def encode_examples(
    columns: list[ColumnView], rows: int, first: int, step: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Encode rows first, first + step, ... as framed `tf.train.Example` records.

    Returns:
        The frames, and the records' stored checksums (footers, 4 bytes each).

    Raises:
        ValueError: Columns with fewer values than `rows` rows need, a row of more than 2 GiB, or a
            string that is not UTF-8 in a column where it must be.
    """

def encode_sequence_examples(
    context: list[ColumnView], feature_lists: list[FeatureListView], rows: int, first: int, step: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Encode rows first, first + step, ... as framed `tf.train.SequenceExample` records.

    Returns:
        The frames, and the records' stored checksums (footers, 4 bytes each).

    Raises:
        ValueError: Columns with fewer values than `rows` rows need, a row of more than 2 GiB, or a
            string that is not UTF-8 in a column where it must be.
    """

def read_tensor(
    data: Bytes, fill_limit: int
) -> tuple[TensorFault, int, int, int, tuple[int, ...], NDArray[np.uint8] | list[bytes] | None]:
    """Read the array in a serialised `tensorflow.TensorProto`.

    Args:
        data: The message.
        fill_limit: The maximum size in bytes of an array that repeats its last value.

    Returns:
        A fault, with what was found and expected; the type, a `tensorflow.DataType`; the shape; and the
        values. These are None after a fault, else the bytes of all numbers, or a list of strings; missing
        strings repeat the last one, or are empty if the message has none.
    """
