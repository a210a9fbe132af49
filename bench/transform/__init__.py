"""Preprocessing: Headrace against its peers in alternating rounds.

    python -m bench.transform                       # everything, several minutes
    python -m bench.transform --comparisons ids table --rounds 5
    python -m bench.transform.serving               # one row through the ONNX transform
    python -m bench.transform.memory                # peak memory of one and of ten million rows

Each peer has its own warm process. Peers alternate, so that other load on the machine affects all of them.
The fastest pass counts. Results are compared: sums over the output, and vocabularies by the counts of their
words.
"""
