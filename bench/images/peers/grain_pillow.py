"""Grain, with Pillow."""

from bench.images.peers.grains import Grains
from bench.images.peers.image_peer import decode_with_pillow


class GrainPillow(Grains):
    decode = decode_with_pillow


PEER = GrainPillow
