"""Files in class folders, in a folder or a .zip: listed, read in bulk, and read by number."""
