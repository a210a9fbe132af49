"""Byte flips: files that Headrace wrote, with one byte changed, give the same answer or one clear line.

`make flips` tries 2,000 changes of each kind of file; the tests try some.
"""
