"""Read tar archives of samples, as webdataset writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.sources.archives.decode_files import column_type
from headrace.data.sources.archives.sample_batch import SampleBatch, SamplePlace
from headrace.data.sources.archives.samples import KEY, Sample, read_samples
from headrace.data.sources.archives.tar_members import TarReader, is_compressed_tar
from headrace.data.sources.archives.tar_rows import TarIndex, TarRows
from headrace.data.sources.files.inference import check_schema
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.find_files import find_files
from headrace.errors import SchemaError
from headrace.storage import Paths, local_path
from headrace.suggestions import suggest

__all__ = ["WebDatasetSource"]

_FIRST_SAMPLES = 256  # of which the columns are inferred


@dataclass(frozen=True)
class WebDatasetSource:
    """Tar archives whose files are grouped into samples by their names; one column per extension.

    Column `__key__` is the name of a sample, and a file `0007.seg.png` is column `seg.png` of sample `0007`.
    `.cls` and the like are integers, `.txt` and `.json` strings, everything else bytes: see `decode_files`.
    Without a schema, the columns are those of the first 256 samples, none of them required; a later sample
    with another extension is an error. Archives may be compressed (`.tar.gz`, `.tgz`, `.tar.bz2`,
    `.tar.zst`); the samples of local ones that are not are read by number, from an index of their headers.

    Attributes:
        files: The archives, in reading order.
        declared: The columns and their types; None infers them.
        columns: The columns to read; None is all.
    """

    files: tuple[str, ...]
    declared: pa.Schema | None = None
    columns: tuple[str, ...] | None = None

    @classmethod
    def from_paths(
        cls, paths: Paths, schema: pa.Schema | None = None, columns: Sequence[str] | None = None
    ) -> WebDatasetSource:
        """Create a source from archives: paths, patterns, or braces such as `train-{0000..0011}.tar`.

        Raises:
            UsageError: An archive does not exist, or `schema` is not a schema.
        """
        check_schema(schema)
        return cls(find_files(paths, r"\.(tar|tgz|tar\.(gz|bz2|zst))"), schema, as_tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns as declared, or those of the first samples.

        Raises:
            RecordError: The first archive is corrupt.
            SchemaError: No file belongs to a sample, or the first samples lack a chosen column.
        """
        return pa.schema(list(select_columns(self.declared or self._inferred, self.columns, self.files[0])))

    @property
    def num_rows(self) -> int | None:
        """The number of samples, from the headers of local archives; None for others."""
        return None if self._index is None else len(self._index.keys)

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the samples in order, in batches of 1,024 samples or 32 MiB.

        Raises:
            RecordError: An archive is truncated or corrupt, or a sample has a file twice.
            SchemaError: A file does not match the type of its column, or is of a new extension.
        """
        names = [name for name in self.schema.names if name != KEY]
        batch = SampleBatch(self.schema)
        for path in self.files:
            with TarReader(path) as archive:
                for sample in read_samples(archive, archive.read, self._known):
                    if self._known is None:
                        self._check_names(sample, path)
                    place = SamplePlace(path, sample.header)
                    batch.append(sample.key, place, [sample.files.get(name) for name in names])
                    if batch.is_full:
                        yield batch.take()
        if len(batch):
            yield batch.take()

    def open_rows(self) -> TarRows | None:
        """Open the samples by number; None if an archive is compressed or at a URL."""
        return self._rows

    def select_columns(self, columns: Sequence[str]) -> WebDatasetSource:
        """Return a source of these columns; see `Selectable`."""
        source = replace(self, columns=tuple(columns))
        vars(source)["schema"] = pa.schema([self.schema.field(name) for name in columns])
        if "_index" in vars(self):
            vars(source)["_index"] = self._index  # saves reading the headers again
        return source

    def divide(self) -> list[WebDatasetSource]:
        """Divide into one source per archive, all with the schema of the whole."""
        schema = self.schema
        return [WebDatasetSource((file,), schema, tuple(schema.names)) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all archives, wherever they lie; see `files_fingerprint`."""
        return files_fingerprint(self.files, "webdataset", *(self.columns or ()), schema=self.declared)

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the archives may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, "webdataset", *(self.columns or ()), schema=self.schema)

    @property
    def _known(self) -> frozenset[str] | None:
        """The extensions to read; None if one that is not in the schema is an error."""
        is_chosen = self.declared is not None or self.columns is not None
        return frozenset(self.schema.names) if is_chosen else None

    @cached_property
    def _inferred(self) -> pa.Schema:
        with TarReader(self.files[0]) as archive:
            names = dict.fromkeys(
                name
                for sample in islice(read_samples(archive, _ignore), _FIRST_SAMPLES)
                for name in sample.files
            )
        if not names:
            hint = "name the files KEY.EXTENSION"
            raise SchemaError("no file of the archive belongs to a sample", path=self.files[0], hint=hint)
        fields = [pa.field(name, column_type(name)) for name in names]
        return pa.schema([pa.field(KEY, pa.string(), nullable=False), *fields])

    def _check_names(self, sample: Sample[bytes], path: str) -> None:
        new = next((name for name in sample.files if self.schema.get_field_index(name) < 0), None)
        if new is not None:
            what = f"the sample '{sample.key}' has a file '.{new}', which the first samples lack"
            hint = f"{suggest(new, self.schema.names)}, or pass `columns` or `schema`"
            raise SchemaError(what, path=path, offset=sample.header, hint=hint)

    @cached_property
    def _index(self) -> TarIndex | None:
        if any(local_path(file) is None or is_compressed_tar(file) for file in self.files):
            return None
        return TarIndex.build(self.files, [name for name in self.schema.names if name != KEY])

    @cached_property
    def _rows(self) -> TarRows | None:
        return None if self._index is None else TarRows(self._index, self.schema)


def _ignore(_member: object) -> None:
    pass
