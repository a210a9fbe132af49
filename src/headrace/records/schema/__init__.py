"""Arrow schemas of record files, and the files that hold them."""
