"""Folders of JPEG files to batches of tensors, against DataLoader, webdataset, Grain and tf.data."""
