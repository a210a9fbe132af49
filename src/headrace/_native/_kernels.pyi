"""What the compiled module offers; the sources lie beside this file."""

from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

class ValueKind(IntEnum):
    """The type of a feature's values; the numbers are the fields of `tf.train.Feature`."""

    NONE = 0  # the feature holds no list
    BYTES = 1
    FLOAT = 2
    INT64 = 3

class Layout(IntEnum):
    """The shape of a feature's values in one row."""

    SCALAR = 0  # one value
    LIST = 1  # any number of values
    FIXED = 2  # exactly `size` values
    RAW = 3  # one bytes value of exactly `size` bytes

class RecordFault(IntEnum):
    """Why a record was rejected. In parentheses, what the `found` and `expected` of a `Failure` mean."""

    NONE = 0
    MALFORMED = 1  # not a protocol buffer of the expected type
    MISSING = 2  # a required feature is absent
    KIND = 3  # wrong value kind (ValueKind, ValueKind)
    COUNT = 4  # wrong number of values (numbers of values)
    SIZE = 5  # wrong number of bytes (numbers of bytes)
    RANGE = 6  # an integer out of range (the integer, 0)
    UTF8 = 7  # bytes that are not UTF-8
    OVERFLOW = 8  # more values or bytes than 32-bit offsets reach
    CHECKSUM = 9  # the data do not match their checksum

class FrameState(IntEnum):
    """What follows the last intact record that `scan_frames` found."""

    COMPLETE = 0  # nothing: the data end with that record
    PARTIAL = 1  # the data end inside the next record
    BAD_LENGTH_CHECKSUM = 2  # a header that does not match its checksum
    BAD_DATA_CHECKSUM = 3  # data that do not match their checksum

class LocalState(IntEnum):
    """Where `append_local` stopped reading a local file."""

    MORE = 0  # more records may follow
    END = 1  # the file ends where a record ends
    STUCK = 2  # no complete record follows, or it cannot be read

class TensorFault(IntEnum):
    """Why a `TensorProto` was rejected. In parentheses, what `found` and `expected` mean."""

    NONE = 0
    MALFORMED = 1  # not a protocol buffer of this type
    TYPE = 2  # a `DataType` that arrays cannot have (the type, 0)
    UNKNOWN_RANK = 3
    RANK = 4  # too many dimensions (the number of dimensions, the limit)
    DIMENSION = 5  # a negative dimension (the dimension, 0)
    SIZE = 6  # the array's size overflows 64 bits
    CONTENT = 7  # wrong size of `tensor_content` (numbers of bytes)
    STRINGS = 8  # `tensor_content` does not hold the expected strings (0, the number of strings)
    BOOL = 9  # a boolean byte other than 0 and 1 (the byte, 0)
    FILL = 10  # repeating the last value exceeds `fill_limit` (bytes of the array, the limit)

# (name, kind, layout, size, required, utf8, lowest, highest)
FeatureSpec: TypeAlias = tuple[str, ValueKind | int, Layout | int, int, bool, bool, int, int]
# (fault, row in this call, feature or -1, found, expected, step of a feature list or -1)
Failure: TypeAlias = tuple[RecordFault, int, int, int, int, int]
# (values, offsets of bytes values, row splits of lists, validity bits)
ParsedColumn: TypeAlias = tuple[
    NDArray[np.float32] | NDArray[np.int64] | NDArray[np.uint8],
    NDArray[np.int32] | None,
    NDArray[np.int32] | None,
    NDArray[np.uint8] | None,
]
# (the steps' column, row splits, validity bits)
ParsedList: TypeAlias = tuple[ParsedColumn, NDArray[np.int32], NDArray[np.uint8] | None]
# (name, kind, values, offsets of bytes values, row splits, else values a row, presence: a byte a row)
GivenColumn: TypeAlias = tuple[
    str,
    ValueKind | int,
    NDArray[np.float32] | NDArray[np.int64] | NDArray[np.uint8],
    NDArray[np.int64] | None,
    NDArray[np.int64] | None,
    int,
    NDArray[np.uint8] | None,
]
# (the steps' column, row splits, presence: a byte a row, steps)
GivenList: TypeAlias = tuple[GivenColumn, NDArray[np.int64], NDArray[np.uint8] | None, int]
# (name, kind, records that have it, fewest values, most values, whether all bytes are text)
FeatureSummary: TypeAlias = tuple[bytes, ValueKind, int, int, int, bool]

class ExampleParser:
    """Serialised `tf.train.Example` records to the buffers of Arrow columns.

    A feature's kind is `BYTES`, `FLOAT` or `INT64`; see `ValueKind` and `Layout`.
    """

    def __init__(self, features: list[FeatureSpec]) -> None: ...
    def reserve(self, records: int, bytes: int) -> None:  # noqa: A002
        """Makes room once for records to come: how many there will be, and bytes of data, altogether."""

    def append(
        self, data: NDArray[np.uint8] | bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> Failure | None:
        """Parses records that lie in `data`; after a failure the parser is spent.

        Raises:
            ValueError: A record that lies outside `data`.
        """

    def append_unverified(
        self, data: NDArray[np.uint8] | bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> Failure | None:
        """As `append`, but compares each record with the checksum behind it before it is parsed.

        Raises:
            ValueError: A record, or its checksum, that lies outside `data`.
        """

    def append_local(
        self, records: LocalRecords, most_records: int, stop: int
    ) -> tuple[int, LocalState, Failure | None]:
        """Parses records of a local file, so many at most, as long as they start before the byte `stop`.

        Returns:
            The number of records parsed; where parsing stopped; and the failure of the next record, if any,
            after which the parser must be discarded.
        """

    def finish(self) -> list[ParsedColumn]:
        """The columns in the order of the features; the parser is empty afterwards."""

    @property
    def rows(self) -> int:
        """Records parsed."""

class ExampleSurvey:
    """What features serialised `tf.train.Example` records hold."""

    def __init__(self) -> None: ...
    def append(
        self, data: NDArray[np.uint8] | bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> Failure | None:
        """Looks at records that lie in `data`; after a failure the survey is spent.

        Raises:
            ValueError: A record that lies outside `data`.
        """

    def features(self) -> list[FeatureSummary]:
        """A summary of each feature, in the order of first sight."""

    @property
    def rows(self) -> int:
        """Records seen."""

class SequenceParser:
    """Serialised `tf.train.SequenceExample` records to the buffers of Arrow columns.

    A feature list is (what a step holds, whether the list is required). Failures count features through the
    context first, then the feature lists.
    """

    def __init__(self, context: list[FeatureSpec], feature_lists: list[tuple[FeatureSpec, bool]]) -> None: ...
    def reserve(self, records: int, bytes: int) -> None:  # noqa: A002
        """Makes room once for records to come: how many there will be, and bytes of data, altogether."""

    def append(
        self, data: NDArray[np.uint8] | bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> Failure | None:
        """Parses records that lie in `data`; after a failure the parser is spent.

        Raises:
            ValueError: A record that lies outside `data`.
        """

    def append_unverified(
        self, data: NDArray[np.uint8] | bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> Failure | None:
        """As `append`, but compares each record with the checksum behind it before it is parsed.

        Raises:
            ValueError: A record, or its checksum, that lies outside `data`.
        """

    def append_local(
        self, records: LocalRecords, most_records: int, stop: int
    ) -> tuple[int, LocalState, Failure | None]:
        """Parses records of a local file, so many at most, as long as they start before the byte `stop`.

        Returns:
            The number of records parsed; where parsing stopped; and the failure of the next record, if any,
            after which the parser must be discarded.
        """

    def finish(self) -> tuple[list[ParsedColumn], list[ParsedList]]:
        """The columns of the context and of the feature lists; the parser is empty afterwards."""

    @property
    def rows(self) -> int:
        """Records parsed."""

class SequenceSurvey:
    """What context features and feature lists serialised `tf.train.SequenceExample` records hold.

    Examples are taken for SequenceExamples without feature lists.
    """

    def __init__(self) -> None: ...
    def append(
        self, data: NDArray[np.uint8] | bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> Failure | None:
        """Looks at records that lie in `data`; after a failure the survey is spent.

        Raises:
            ValueError: A record that lies outside `data`.
        """

    def context(self) -> list[FeatureSummary]:
        """A summary of each feature of the context, in the order of first sight."""

    def feature_lists(self) -> list[tuple[FeatureSummary, int, int]]:
        """For each feature list a summary of its steps, the records that have it, and how many steps."""

    @property
    def rows(self) -> int:
        """Records seen."""

def encode_sequence_examples(
    context: list[GivenColumn], feature_lists: list[GivenList], rows: int, first: int, step: int
) -> NDArray[np.uint8]:
    """Rows first, first + step, ... as framed `tf.train.SequenceExample` records.

    Raises:
        ValueError: Columns that hold fewer values than `rows` need, or a row of more than 2 GiB.
    """

def encode_examples(columns: list[GivenColumn], rows: int, first: int, step: int) -> NDArray[np.uint8]:
    """Rows first, first + step, ... as framed `tf.train.Example` records.

    Raises:
        ValueError: Columns that hold fewer values than `rows` need, or a row of more than 2 GiB.
    """

def scan_frames(
    data: NDArray[np.uint8] | bytes, verify: bool = True
) -> tuple[NDArray[np.int64], NDArray[np.int64], int, FrameState, int]:
    """Finds the records in the bytes of a TFRecord file from some record on; verifies checksums.

    Args:
        data: The bytes.
        verify: Whether to verify those of the data, too, and not only those of the headers.

    Returns:
        The starts and lengths of the records' data; where the last good record ends; the state there; and the
        length the record there claims, if its header is whole.
    """

class LocalRecords:
    """The records of an uncompressed local file from some place on, as parsers take them.

    Args:
        file: Its descriptor, which stays open as long as this is used.
        offset: Where the first of them starts.
        record: That one's number.
    """

    def __init__(self, file: int, offset: int = 0, record: int = 0) -> None: ...
    def find(self, stop: int) -> bool:
        """Moves on to the first place before `stop` where a record may start, going by its header's checksum.

        Returns:
            Whether there is one.
        """

    @property
    def record(self) -> int:
        """The number of the record that comes next."""

    @property
    def offset(self) -> int:
        """Where that one starts."""

def room(size: int) -> NDArray[np.uint8]:
    """Uninitialised bytes, from memory that came back from earlier arrays if there is some."""

def gather_frames(
    data: NDArray[np.uint8] | bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """The frames, header and footer included, of records whose data lie in `data`, copied end to end.

    Raises:
        ValueError: A frame that lies outside `data`.
    """

def find_header(data: NDArray[np.uint8] | bytes, most: int, left: int) -> int:
    """The first place in `data` where a record's header may start, going by its checksum.

    If there is none, the place from which on more bytes are needed to tell; fewer than 12 follow it.

    Args:
        data: A stretch of a file.
        most: The longest data a record may have.
        left: How many bytes the file has from the start of `data` on; 2**64 - 1 if unknown.
    """

def frame(data: NDArray[np.uint8] | bytes) -> bytes:
    """One TFRecord record: header, data, footer."""

def crc32c(data: NDArray[np.uint8] | bytes | memoryview) -> int:
    """CRC-32C, by the processor's own instruction where it has one."""

def crc32c_portable(data: NDArray[np.uint8] | bytes) -> int:
    """CRC-32C by tables."""

def map_bytes(
    offsets: NDArray[np.int32], data: NDArray[np.uint8] | bytes, table: NDArray[np.uint16]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Each string with its bytes replaced or dropped.

    Args:
        offsets: Arrow's offsets of the strings in `data`, [strings + 1]; they may start above 0.
        data: The strings' bytes.
        table: What becomes of each byte, [256]: a byte, or 256, "drop it".

    Returns:
        Offsets [strings + 1] and bytes of the results.

    Raises:
        ValueError: Offsets that fall or leave `data`, or a table that has not 256 entries.
    """

def cut_bytes(
    offsets: NDArray[np.int32], data: NDArray[np.uint8] | bytes, table: NDArray[np.uint16]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int64]]:
    """The pieces of each string between bytes that 257 stands for in `table`, empty ones left out.

    Arguments and errors as for `map_bytes`. Bytes are replaced and dropped before pieces are looked at.

    Returns:
        Offsets [pieces + 1] and bytes of the pieces; for each string its first piece's index, [strings + 1].
    """

def find_buckets(values: NDArray[Any], edges: NDArray[Any]) -> NDArray[np.int64]:
    """How many of the rising `edges` are at or below each value; all of them for NaN.

    Args:
        values: float32, float64 or int64, [n].
        edges: Of the same type, without NaN.
    """

class WordIndex:
    """The places of strings in a list.

    Args:
        offsets: Arrow's offsets of the list's strings in `data`, [strings + 1]; they may start above 0.
        data: The strings' bytes.

    Raises:
        ValueError: Offsets that fall or leave `data`.
    """

    def __init__(self, offsets: NDArray[np.int32], data: NDArray[np.uint8] | bytes) -> None: ...
    def find(self, offsets: NDArray[np.int32], data: NDArray[np.uint8] | bytes) -> NDArray[np.int64]:
        """Each string's place, the first if the list has it twice; -1 if it has it not."""

class WordCounts:
    """How often strings occur, the empty one left out; see `WordIndex` for how strings are given."""

    def __init__(self) -> None: ...
    def __len__(self) -> int: ...
    @property
    def bytes(self) -> int:
        """How many the distinct strings have."""

    def add(self, offsets: NDArray[np.int32], data: NDArray[np.uint8] | bytes) -> None:
        """Counts strings."""

    def add_in_rows(
        self, offsets: NDArray[np.int32], data: NDArray[np.uint8] | bytes, splits: NDArray[np.int64]
    ) -> None:
        """Counts strings, and the rows that hold each: row i has those from splits[i] to splits[i + 1].

        Raises:
            ValueError: Splits that fall or leave the strings.
        """

    def add_counted(
        self,
        offsets: NDArray[np.int32],
        data: NDArray[np.uint8] | bytes,
        counts: NDArray[np.int64],
        rows: NDArray[np.int64],
    ) -> None:
        """Adds what was counted elsewhere, one count a string.

        Raises:
            ValueError: Not one count a string.
        """

    def merge(self, other: WordCounts) -> None:
        """Adds all that another one counted."""

    def table(
        self,
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
        """The ends of the distinct strings in their bytes, the bytes, counts, and counts of rows."""

def order_of(offsets: NDArray[np.int32], data: NDArray[np.uint8] | bytes) -> NDArray[np.int64]:
    """The numbers of strings (Arrow's layout) in the order of their bytes; equal ones stay in their order.

    Raises:
        ValueError: Offsets that fall, or leave `data`.
    """

def murmur3_32(offsets: NDArray[np.int32], data: NDArray[np.uint8] | bytes, seed: int) -> NDArray[np.uint32]:
    """MurmurHash3_x86_32 of each string's bytes, as ONNX Runtime's `MurmurHash3` gives it with positive=1.

    Args:
        offsets: Arrow's offsets of the strings in `data`, [strings + 1].
        data: The strings' bytes.
        seed: From 0 to 2**32 - 1.

    Raises:
        ValueError: Offsets that fall or leave `data`.
    """

def read_tensor(
    data: NDArray[np.uint8] | bytes, fill_limit: int
) -> tuple[TensorFault, int, int, int, tuple[int, ...], NDArray[np.uint8] | list[bytes] | None]:
    """The array in a serialised `tensorflow.TensorProto`.

    Args:
        data: The message.
        fill_limit: The most bytes of an array that is not in the message whole but repeats its last value.

    Returns:
        A fault, what was found and what was expected; the type, a number
        in `tensorflow.DataType`; the shape; and the values, None after a fault: the bytes of all numbers, or
        strings, of which the last stands for all that follow (none: all are empty).
    """

def moments(
    values: NDArray[Any],
    codes: NDArray[np.int32] | None = None,
    groups: int = 1,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Sums of each group's rows, in pairs of doubles: some 106 bits.

    Args:
        values: Numbers of any type up to 8 bytes, [rows, width]; NaN is left out.
        codes: Each row's group, [rows]; None: all are of one.
        groups: How many groups there are.
        weights: [rows]; rows whose weight is not finite and above 0 are left out. None: each counts once.

    Returns:
        [groups * width * 7]: the sums of weights, of weighted values and of weighted squares, each its high
        and its low part, over finite values; and the sum of infinite values.

    Raises:
        ValueError: A code without a group, or codes or weights that are not one a row.
    """

def extrema(
    values: NDArray[Any],
    codes: NDArray[np.int32] | None = None,
    groups: int = 1,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """The smallest and largest value of each group's rows, [groups * width * 2]; arguments as for `moments`.

    Where there is no value they are inf and -inf.
    """
