"""Preprocessing: Headrace against its peers, pass by pass in turns.

    python -m bench.transform                       # everything, some minutes
    python -m bench.transform --contests ids table --rounds 5
    python -m bench.transform.serving               # one row through the ONNX transform
    python -m bench.transform.memory                # a million rows and ten, in how little memory?

Each side has a process of its own, which keeps it warm; the sides take turns, so that whatever else the
machine does hits all of them. The best pass counts. What the sides find is compared: sums over all their
output, and vocabularies by their words' counts.
"""
