"""webdataset, with simplejpeg."""

from bench.images.peers.image_peer import decode_with_simplejpeg
from bench.images.peers.tar import Tar


class WebDatasetSimplejpeg(Tar):
    decode = decode_with_simplejpeg


PEER = WebDatasetSimplejpeg
