import gzip

import pyarrow as pa

from headrace import datasets
from headrace.datasets.dataset_builder import sample_path


def test_it_holds_the_whole_census_with_its_missing_values(table):
    parts = [table(datasets.load("housing", split)) for split in ("train", "test")]
    whole = pa.concat_tables(parts)
    assert whole.num_rows == 20_640
    assert whole["total_bedrooms"].null_count == 207
    assert set(whole["ocean_proximity"].to_pylist()) == {
        "<1H OCEAN",
        "INLAND",
        "NEAR OCEAN",
        "NEAR BAY",
        "ISLAND",
    }
    assert len({tuple(row.values()) for row in whole.to_pylist()}) == 20_640


def test_it_reads_a_folder_like_the_embedded_file(tmp_path, table):
    (tmp_path / "housing.csv").write_bytes(gzip.decompress(sample_path("housing.csv.gz").read_bytes()))
    assert table(datasets.load("housing", "test", data_dir=tmp_path)).equals(
        table(datasets.load("housing", "test"))
    )
