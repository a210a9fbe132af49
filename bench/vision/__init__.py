"""Images and networks: Headrace against its peers, pass by pass in turns.

    python -m bench.vision augment                        # images augmented a second
    python -m bench.vision augment --processors 1 --rounds 5

Each side has a process of its own, which keeps it warm; the sides take turns, so that whatever else the
machine does hits all of them. The best pass counts.
"""
