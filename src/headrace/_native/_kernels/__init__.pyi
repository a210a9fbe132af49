"""The compiled kernels: stubs, by family. The C++ sources lie next to this folder."""

from headrace._native._kernels.augment import (
    augment_images as augment_images,
)
from headrace._native._kernels.columns import (
    RowChunks as RowChunks,
)
from headrace._native._kernels.columns import (
    pack_lengths as pack_lengths,
)
from headrace._native._kernels.columns import (
    pad_lists as pad_lists,
)
from headrace._native._kernels.columns import (
    permute as permute,
)
from headrace._native._kernels.csv import (
    CsvScan as CsvScan,
)
from headrace._native._kernels.csv import (
    classify_cell as classify_cell,
)
from headrace._native._kernels.csv import (
    cut_csv_columns as cut_csv_columns,
)
from headrace._native._kernels.csv import (
    scan_csv as scan_csv,
)
from headrace._native._kernels.csv import (
    split_csv_record as split_csv_record,
)
from headrace._native._kernels.enums import (
    ByteAction as ByteAction,
)
from headrace._native._kernels.enums import (
    CellKind as CellKind,
)
from headrace._native._kernels.enums import (
    ColourOp as ColourOp,
)
from headrace._native._kernels.enums import (
    CsvFault as CsvFault,
)
from headrace._native._kernels.enums import (
    FileFault as FileFault,
)
from headrace._native._kernels.enums import (
    FrameState as FrameState,
)
from headrace._native._kernels.enums import (
    JsonFault as JsonFault,
)
from headrace._native._kernels.enums import (
    JsonKind as JsonKind,
)
from headrace._native._kernels.enums import (
    JsonLayout as JsonLayout,
)
from headrace._native._kernels.enums import (
    Layout as Layout,
)
from headrace._native._kernels.enums import (
    LocalState as LocalState,
)
from headrace._native._kernels.enums import (
    PixelFill as PixelFill,
)
from headrace._native._kernels.enums import (
    PixelStep as PixelStep,
)
from headrace._native._kernels.enums import (
    RecordFault as RecordFault,
)
from headrace._native._kernels.enums import (
    Resampling as Resampling,
)
from headrace._native._kernels.enums import (
    SelectedState as SelectedState,
)
from headrace._native._kernels.enums import (
    TensorFault as TensorFault,
)
from headrace._native._kernels.enums import (
    ValueKind as ValueKind,
)
from headrace._native._kernels.files import (
    MappingGuard as MappingGuard,
)
from headrace._native._kernels.files import (
    read_files as read_files,
)
from headrace._native._kernels.framing import (
    LocalRecords as LocalRecords,
)
from headrace._native._kernels.framing import (
    allocate_bytes as allocate_bytes,
)
from headrace._native._kernels.framing import (
    crc32c as crc32c,
)
from headrace._native._kernels.framing import (
    crc32c_portable as crc32c_portable,
)
from headrace._native._kernels.framing import (
    find_header as find_header,
)
from headrace._native._kernels.framing import (
    frame as frame,
)
from headrace._native._kernels.framing import (
    gather_checksums as gather_checksums,
)
from headrace._native._kernels.framing import (
    gather_frames as gather_frames,
)
from headrace._native._kernels.framing import (
    highway_hash as highway_hash,
)
from headrace._native._kernels.framing import (
    index_frames as index_frames,
)
from headrace._native._kernels.framing import (
    release_cached_blocks as release_cached_blocks,
)
from headrace._native._kernels.framing import (
    scan_frames as scan_frames,
)
from headrace._native._kernels.images import (
    decode_images as decode_images,
)
from headrace._native._kernels.images import (
    open_inflate_library as open_inflate_library,
)
from headrace._native._kernels.images import (
    open_jpeg_library as open_jpeg_library,
)
from headrace._native._kernels.images import (
    resize_images as resize_images,
)
from headrace._native._kernels.json import (
    JsonColumns as JsonColumns,
)
from headrace._native._kernels.json import (
    JsonSurvey as JsonSurvey,
)
from headrace._native._kernels.json import (
    write_json as write_json,
)
from headrace._native._kernels.messages import (
    ExampleParser as ExampleParser,
)
from headrace._native._kernels.messages import (
    ExampleSurvey as ExampleSurvey,
)
from headrace._native._kernels.messages import (
    SequenceParser as SequenceParser,
)
from headrace._native._kernels.messages import (
    SequenceSurvey as SequenceSurvey,
)
from headrace._native._kernels.messages import (
    encode_examples as encode_examples,
)
from headrace._native._kernels.messages import (
    encode_sequence_examples as encode_sequence_examples,
)
from headrace._native._kernels.messages import (
    read_tensor as read_tensor,
)
from headrace._native._kernels.statistics import (
    extrema as extrema,
)
from headrace._native._kernels.statistics import (
    find_buckets as find_buckets,
)
from headrace._native._kernels.statistics import (
    merge_moments as merge_moments,
)
from headrace._native._kernels.statistics import (
    moments as moments,
)
from headrace._native._kernels.text import (
    WordCounts as WordCounts,
)
from headrace._native._kernels.text import (
    WordIndex as WordIndex,
)
from headrace._native._kernels.text import (
    WordNumbers as WordNumbers,
)
from headrace._native._kernels.text import (
    are_utf8 as are_utf8,
)
from headrace._native._kernels.text import (
    argsort_strings as argsort_strings,
)
from headrace._native._kernels.text import (
    cut_bytes as cut_bytes,
)
from headrace._native._kernels.text import (
    map_bytes as map_bytes,
)
from headrace._native._kernels.text import (
    murmur3_32 as murmur3_32,
)
from headrace._native._kernels.text import (
    parse_dates as parse_dates,
)
