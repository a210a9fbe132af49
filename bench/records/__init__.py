"""Record files: Headrace against its peers, pass by pass in turns, beside what the machine can do.

    python -m bench.records                                  # everything, some minutes
    python -m bench.records --workloads text --peers tensorflow --processors 1
    python -m bench.records.memory                           # 8 GB read, in how little memory?

Each side has a process of its own for every workload, which keeps it warm; the sides take turns, so that
whatever else the machine does hits all of them. A pass reads all files, which lie in the page cache, to
columns: numbers to NumPy arrays, strings to what the library holds strings in. The best pass counts.
"""
