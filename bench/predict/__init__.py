"""Predictions of the housing model: rows of a CSV file, one call of the command, one dict, a request of rows.

python -m bench.predict
"""
