"""Grain, with simplejpeg."""

from bench.images.peers.grains import Grains
from bench.images.peers.image_peer import decode_with_simplejpeg


class GrainSimplejpeg(Grains):
    decode = decode_with_simplejpeg


PEER = GrainSimplejpeg
