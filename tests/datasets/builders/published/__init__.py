"""The files of the publishers: real ones, or archives written here with their layout, names and oddities."""

from .audio import AUDIO
from .images import IMAGES
from .photos import PHOTOS
from .published import Published
from .tables import TABLES
from .texts import TEXTS

__all__ = ["PUBLISHED", "Published"]

PUBLISHED: dict[str, Published] = {**AUDIO, **IMAGES, **PHOTOS, **TABLES, **TEXTS}
