"""Sources of tables in files."""
