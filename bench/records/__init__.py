"""Record files: Headrace against its peers in alternating rounds, and the limits of the machine.

    python -m bench.records                                  # everything, several minutes
    python -m bench.records --workloads text --peers tensorflow --cpus 1
    python -m bench.records.memory                           # peak memory of reading 8 GB

Each peer has its own warm process for each workload. Peers alternate, so that other load on the machine
affects all of them. A pass reads all files, from the page cache, to columns: numbers to NumPy arrays, strings
to the library's own type. The fastest pass counts.
"""
