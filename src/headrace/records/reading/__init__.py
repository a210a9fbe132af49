"""Read record files into Arrow record batches."""
