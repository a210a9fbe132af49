"""The archives of recordings."""

import io
import wave
from pathlib import Path

import numpy as np

from .published import Published, Rows, pack_tar


def write_wav(samples: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8_000, len(samples), "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def write_digits(folder: Path) -> dict[str, Rows]:
    """An archive that GitHub packs: all of the repository, in a folder with its version."""
    root = "free-spoken-digit-dataset-1.0.9"
    files, rows = {f"{root}/.gitignore": b"*.pyc", f"{root}/README.md": b"# Free Spoken Digits"}, []
    for label, speaker, number in ((0, "george", 0), (7, "jackson", 32), (9, "nicolas", 5)):
        samples = np.random.default_rng(label).integers(-32768, 32768, 50 + label)
        files[f"{root}/recordings/{label}_{speaker}_{number}.wav"] = write_wav(samples)
        rows.append({"audio": samples.tolist(), "label": label})
    pack_tar(folder / f"{root}.tar.gz", files)
    return {"train": rows}


AUDIO = {"spoken_digit": Published(write_digits)}
