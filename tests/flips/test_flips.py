"""One changed byte of a file that Headrace wrote: the same answer or one line; a slice of `make flips`."""

from pathlib import Path

import onnx
import pytest
from safetensors import safe_open

import headrace as hr
from headrace.errors import ModelError, RecordError
from headrace.storage import SEAL, check_seal, seal

from .files import FILES, try_flips


@pytest.mark.parametrize("name", FILES)
def test_byte_flips(name: str, tmp_path: Path) -> None:
    flips = 20 if "ONNX" in name or "onnx" in name else 100
    outcome = try_flips(FILES[name], tmp_path, flips)
    assert outcome.wrong == []
    assert outcome.same + outcome.refused == flips


def test_a_model_without_a_checksum_is_loaded_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    (file,) = FILES["model.onnx"].write(tmp_path)
    expected = FILES["model.onnx"].read(tmp_path)
    whole = file.read_bytes()
    assert check_seal(whole, "") is True
    file.write_bytes(whole.replace(b"Bern", b"Born"))
    with pytest.raises(ModelError, match=r"model.onnx: the file is damaged: it does not match the checksum"):
        hr.serving.load(file)
    model = onnx.load_from_string(whole)
    metadata = {each.key: each.value for each in model.metadata_props if each.key not in SEAL}
    onnx.helper.set_model_props(model, metadata)
    file.write_bytes(model.SerializeToString())
    assert FILES["model.onnx"].read(tmp_path) == expected


def test_a_model_in_memory_keeps_no_checksum(tmp_path: Path) -> None:
    """It would not match after a change."""
    FILES["transform"].write(tmp_path)
    model = hr.Transform.load(tmp_path / "transform").to_onnx(tmp_path / "model.onnx")
    assert not model.metadata_props
    onnx.save(model, tmp_path / "model.onnx")
    assert hr.serving.load(tmp_path / "model.onnx").outputs


def test_other_readers_of_safetensors_see_the_checksum(tmp_path: Path) -> None:
    (file,) = FILES["weights"].write(tmp_path)
    with safe_open(file, "pt") as opened:
        assert opened.metadata().keys() == {"format", *SEAL}
    with pytest.raises(ValueError, match="no place"):
        seal(b"")


def test_a_damaged_schema_of_records_is_not_read(tmp_path: Path) -> None:
    FILES["records"].write(tmp_path)
    schema = tmp_path / "rows.schema.json"
    schema.write_text(schema.read_text().replace("city", "sity"))
    with pytest.raises(RecordError, match=r"rows.schema.json: checksum .* does not match the manifest"):
        FILES["records"].read(tmp_path)
