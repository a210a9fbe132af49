"""Files: file systems, compression, atomic writes of files and of sets of files, locks."""

from headrace.storage.atomic import AtomicFile, atomic_folder, atomic_path, write_bytes, write_text
from headrace.storage.checksum import SEAL, RecordsChecksum, check_seal, file_checksum, seal
from headrace.storage.commit import complete_commit, read_consistently
from headrace.storage.compression import (
    COMPRESSION_SUFFIXES,
    DECOMPRESSION_ERRORS,
    DecompressedStream,
    check_compression,
    new_compressor,
)
from headrace.storage.file_kinds import FileKind, find_file_kind, match_file_kind
from headrace.storage.file_set import FileSet, check_file_set, check_file_sets, file_sets
from headrace.storage.filesystem import (
    directory_exists,
    expand_home,
    file_exists,
    file_size,
    file_stamp,
    glob_paths,
    is_utf8,
    local_path,
    local_target,
    open_filesystem,
    open_local,
    read_bytes,
    wrap_file_errors,
)
from headrace.storage.input_files import (
    READ_ERRORS,
    ByteStream,
    OpenedFile,
    decompress,
    open_decompressed,
    open_random_access,
    open_stream,
)
from headrace.storage.lock import FolderLock
from headrace.storage.manifest import FileEntry, Manifest
from headrace.storage.paths import Paths, expand_braces, expand_paths, list_paths, missing_path_error
from headrace.storage.shard_names import MOST_SHARDS, Shard, check_shards, is_searched, matches_pattern
from headrace.storage.temporary import is_working_file, sweep

__all__ = [
    "COMPRESSION_SUFFIXES",
    "DECOMPRESSION_ERRORS",
    "MOST_SHARDS",
    "READ_ERRORS",
    "SEAL",
    "AtomicFile",
    "ByteStream",
    "DecompressedStream",
    "FileEntry",
    "FileKind",
    "FileSet",
    "FolderLock",
    "Manifest",
    "OpenedFile",
    "Paths",
    "RecordsChecksum",
    "Shard",
    "atomic_folder",
    "atomic_path",
    "check_compression",
    "check_file_set",
    "check_file_sets",
    "check_seal",
    "check_shards",
    "complete_commit",
    "decompress",
    "directory_exists",
    "expand_braces",
    "expand_home",
    "expand_paths",
    "file_checksum",
    "file_exists",
    "file_sets",
    "file_size",
    "file_stamp",
    "find_file_kind",
    "glob_paths",
    "is_searched",
    "is_utf8",
    "is_working_file",
    "list_paths",
    "local_path",
    "local_target",
    "match_file_kind",
    "matches_pattern",
    "missing_path_error",
    "new_compressor",
    "open_decompressed",
    "open_filesystem",
    "open_local",
    "open_random_access",
    "open_stream",
    "read_bytes",
    "read_consistently",
    "seal",
    "sweep",
    "wrap_file_errors",
    "write_bytes",
    "write_text",
]
