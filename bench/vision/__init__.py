"""Images and networks: Headrace against its peers in alternating rounds.

    python -m bench.vision augment                        # CPU time per augmented image
    python -m bench.vision augment --cpus 1 --rounds 5

Each peer has its own warm process. Peers alternate, so that other load on the machine affects all of them.
The fastest pass counts.
"""
