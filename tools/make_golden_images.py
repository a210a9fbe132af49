"""Write tests/golden/pictures.json: small images by TensorFlow and Pillow, and the pixels TensorFlow decodes.

    python tools/make_golden_images.py      # needs TensorFlow and Pillow; made with 2.21.0 and 12.3.0

Each case is a file and, for several numbers of requested channels (0: those of the file), TensorFlow's
pixels, or null if it fails: from `tf.io.decode_jpeg` (with `dct_method="INTEGER_ACCURATE"`), `decode_png`,
`decode_bmp` or `decode_gif`. Files and pixels are base64.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
HEIGHT, WIDTH = 9, 11


def picture() -> np.ndarray:
    """Generate a smooth colour gradient with one sharp edge."""
    coarse = np.random.default_rng(0).integers(0, 256, (3, 4, 3), np.uint8)
    pixels = np.array(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    pixels[3:6, 6:9] = (250, 5, 60)
    return pixels


def encode_with_pillow(image: Image.Image, format_: str, **options: Any) -> bytes:
    """Encode a file with Pillow."""
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def jpegs(pixels: np.ndarray, image: Image.Image) -> dict[str, bytes]:
    """Encode JPEG files, by their special feature."""
    encode = tf.io.encode_jpeg
    plain = encode(pixels).numpy()
    return {
        "plain": plain,
        "full colour resolution": encode(pixels, chroma_downsampling=False).numpy(),
        "progressive": encode(pixels, progressive=True, quality=60).numpy(),
        "gray": encode(pixels[:, :, :1]).numpy(),
        "CMYK": encode_with_pillow(image.convert("CMYK"), "JPEG", quality=90),
        "by Pillow, 4:2:2, with restarts": encode_with_pillow(
            image, "JPEG", subsampling="4:2:2", restart_marker_rows=1
        ),
        "RGB stored as RGB": encode_with_pillow(image, "JPEG", keep_rgb=True),
        "bytes after the end": plain + b"trailer",
        "cut off": plain[: len(plain) * 3 // 4],
    }


def pngs(pixels: np.ndarray, image: Image.Image) -> dict[str, bytes]:
    """Encode PNG files, by their special feature."""
    encode = tf.io.encode_png
    wide = pixels.astype(np.uint16) * 256 + 255 - pixels
    alpha = np.dstack([pixels, pixels[:, :, :1] // 2])
    palette = image.quantize(7)
    plain = encode(pixels).numpy()
    return {
        "plain": plain,
        "gray": encode(pixels[:, :, :1]).numpy(),
        "gray and alpha": encode(alpha[:, :, 2:]).numpy(),
        "alpha": encode(alpha).numpy(),
        "16 bits": encode(wide).numpy(),
        "16 bits, gray": encode(wide[:, :, :1]).numpy(),
        "16 bits, gray and alpha": encode(wide[:, :, :2]).numpy(),
        "palette": encode_with_pillow(palette, "PNG"),
        "palette with transparency": encode_with_pillow(palette, "PNG", transparency=bytes([0, 128, 255])),
        "1 bit": encode_with_pillow(image.convert("1"), "PNG"),
        "gray with a transparent value": encode_with_pillow(image.convert("L"), "PNG", transparency=5),
        "cut off": plain[: len(plain) * 3 // 4],
    }


def others(image: Image.Image) -> dict[str, dict[str, bytes]]:
    """Encode BMP and GIF files, which TensorFlow cannot encode."""
    moving = {"save_all": True, "append_images": [Image.new("RGB", image.size)]}
    return {
        "bmp": {"plain": encode_with_pillow(image, "BMP"), "cut off": encode_with_pillow(image, "BMP")[:300]},
        "gif": {
            "plain": encode_with_pillow(image.quantize(32), "GIF"),
            "moving": encode_with_pillow(image.quantize(32), "GIF", **moving),
        },
    }


def decode(format_: str, data: bytes, channels: int) -> np.ndarray:
    """Decode a file with TensorFlow."""
    if format_ == "jpeg":
        return tf.io.decode_jpeg(data, channels, dct_method="INTEGER_ACCURATE").numpy()
    if format_ == "png":
        return tf.io.decode_png(data, channels).numpy()
    return tf.io.decode_bmp(data, channels).numpy() if format_ == "bmp" else tf.io.decode_gif(data)[0].numpy()


def cases() -> Iterator[dict[str, Any]]:
    """Yield a case per file, with the pixels for several numbers of channels."""
    pixels = picture()
    image = Image.fromarray(pixels)
    files = {"jpeg": jpegs(pixels, image), "png": pngs(pixels, image), **others(image)}
    channels = {"jpeg": [0, 1], "png": [0, 1, 4], "bmp": [0], "gif": [0]}
    for format_, by_name in files.items():
        for name, data in by_name.items():
            found: dict[str, Any] = {}
            for requested in channels[format_]:
                try:
                    array = decode(format_, data, requested)
                    found[str(requested)] = [array.shape, base64.b64encode(array.tobytes()).decode()]
                except tf.errors.InvalidArgumentError:
                    found[str(requested)] = None
            yield {"name": f"{format_}, {name}", "file": base64.b64encode(data).decode(), "channels": found}


def main() -> None:
    """Write the file, one case per line."""
    rows = ",\n".join(json.dumps(case) for case in cases())
    (GOLDEN / "pictures.json").write_text(f'{{"tensorflow": "{tf.__version__}", "cases": [\n{rows}\n]}}\n')


if __name__ == "__main__":
    main()
