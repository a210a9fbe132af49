"""A DataLoader, with simplejpeg."""

from bench.images.peers.image_peer import decode_with_simplejpeg
from bench.images.peers.loader import Loader


class DataLoaderSimplejpeg(Loader):
    decode = decode_with_simplejpeg


PEER = DataLoaderSimplejpeg
