"""Enumerations of the kernels; `tests/native/test_enums.py` compares them with the compiled ones."""

from enum import IntEnum

class ByteAction(IntEnum):
    """Entries of a byte table that are not a replacement byte."""

    DROP = 256  # remove the byte
    CUT = 257  # end a token

class CellKind(IntEnum):
    """What a CSV cell can be read as; bits, so that the cells of a column are described by their union."""

    MISSING = 1  # blank, or a word that means "missing" with or without spaces around it
    BOOLEAN = 2  # true, True, TRUE, false, False, FALSE
    EXACT_INTEGER = 4  # an integer of at most 2**53, which float64 holds exactly
    LONG_INTEGER = 8  # another integer of int64
    UNSIGNED_INTEGER = 16  # another integer of uint64
    NEGATIVE_INTEGER = 32  # set with one of the others
    PADDED_INTEGER = 64  # digits after a zero or a plus sign
    HUGE_INTEGER = 128  # an integer beyond int64 and uint64
    FLOAT = 256  # another number of float64
    HUGE_FLOAT = 512  # a number beyond float64
    TEXT = 1024  # anything else

class CsvFault(IntEnum):
    """Why `scan_csv` stopped. A fault has a place, except for `UTF8`."""

    NONE = 0  # all complete records were scanned
    FIELDS = 1  # a record has more or fewer fields than columns
    UNCLOSED = 2  # the text ends in a quoted field
    QUOTE = 3  # text after the closing quote of a field
    KIND = 4  # a cell of a kind that its column does not allow
    UTF8 = 5  # bytes that are not UTF-8

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
    """Why a record was rejected. In parentheses, what `found` and `expected` of a failure mean."""

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

class SelectedState(IntEnum):
    """Why `append_selected` stopped."""

    READ = 0  # all records were read, or a record was rejected
    UNREADABLE = 1  # the operating system reported an error
    TRUNCATED = 2  # the file ends before the record does
    MOVED = 3  # no record of the given length starts at the given offset

class FileFault(IntEnum):
    """Why `read_files` could not read a file."""

    NONE = 0
    UNREADABLE = 1  # the operating system reported an error
    TOO_LARGE = 2  # the file is larger than `limit`
    OVERFLOW = 3  # the files hold more bytes than 32-bit offsets reach

class PixelStep(IntEnum):
    """An arithmetic step on float pixels, with a constant per channel."""

    ADD = 0
    SUBTRACT = 1
    MULTIPLY = 2
    DIVIDE = 3

class Resampling(IntEnum):
    """How `resize_images` computes an output pixel."""

    NEAREST = 0  # the input pixel that contains its centre
    BILINEAR = 1  # a weighted sum over two input pixels of each axis
    ANTIALIASED = 2  # over all input pixels that it covers

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

class JsonFault(IntEnum):
    """Why a line of JSON was rejected."""

    NONE = 0
    SYNTAX = 1  # a character that JSON does not allow there
    END = 2  # the line ends within a value
    DEPTH = 3  # nested too deep
    UTF8 = 4  # not UTF-8
    CONTROL = 5  # a control character in a string
    ESCAPE = 6  # an escape that JSON does not have
    SURROGATE = 7  # half of a surrogate pair
    TRAILING = 8  # text after the object
    OBJECT = 9  # not an object
    REPEATED = 10  # a key that occurs twice in its object
    TYPE = 11  # a value of another type
    RANGE = 12  # an integer that its column's type does not hold
    FLOAT = 13  # a number beyond the range of its column's floats
    BASE64 = 14  # not base64
    LENGTH = 15  # a list of another length
    NAMES = 16  # too many keys
    OVERFLOW = 17  # more values or bytes than 32-bit offsets reach
    UNKNOWN = 18  # a key that the schema does not have

class JsonLayout(IntEnum):
    """How the values of a key are stored."""

    BOOL = 0
    INT64 = 1
    UINT64 = 2
    FLOAT32 = 3
    FLOAT64 = 4
    TEXT = 5  # strings; other values as they are written
    BYTES = 6  # {"base64": "..."}
    LIST = 7
    FIXED = 8  # lists of `size` items
    OBJECT = 9

class JsonKind(IntEnum):
    """What is known of the values of a key."""

    NULL = 0
    BOOL = 1
    INT64 = 2
    UINT64 = 3  # an integer beyond int64
    LARGE = 4  # an integer beyond uint64, or below int64
    FLOAT = 5
    STRING = 6
    LIST = 7
    OBJECT = 8
    NEGATIVE = 9  # an integer below 0
    INEXACT = 10  # an integer beyond 2**53, which float64 may not hold

class PixelFill(IntEnum):
    """Pixels outside the image."""

    EDGE = 0  # the nearest pixel
    REFLECT = 1  # mirrored at the edge, which lies between pixels
    CONSTANT = 2  # one value per channel

class ColourOp(IntEnum):
    """A change of values. Each has one parameter, except for `ADD`, which has one per channel."""

    NONE = 0
    CONTRAST = 1  # scale the distance from the image's mean
    ADD = 2  # add a fraction of full intensity to each channel
    SCALE = 3  # multiply
    SATURATE = 4  # scale the distance from the pixel's grey
    HUE = 5  # turn the hue, in degrees
    BLUR = 6  # Gaussian, of a standard deviation in pixels
    SHARPEN = 7  # scale the distance from a smoothed image
    POSTERIZE = 8  # keep the highest bits of 8
    SOLARIZE = 9  # invert values from a threshold on, a fraction of full intensity
    AUTO_CONTRAST = 10  # scale each channel to full intensity
    EQUALIZE = 11  # flatten each channel's histogram of 256 levels
    CLIP = 12  # to 0 and full intensity
