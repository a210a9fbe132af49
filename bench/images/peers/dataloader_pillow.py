"""A DataLoader, with Pillow."""

from bench.images.peers.image_peer import decode_with_pillow
from bench.images.peers.loader import Loader


class DataLoaderPillow(Loader):
    decode = decode_with_pillow


PEER = DataLoaderPillow
