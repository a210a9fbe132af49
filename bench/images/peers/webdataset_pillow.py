"""webdataset, with Pillow."""

from bench.images.peers.image_peer import decode_with_pillow
from bench.images.peers.tar import Tar


class WebDatasetPillow(Tar):
    decode = decode_with_pillow


PEER = WebDatasetPillow
