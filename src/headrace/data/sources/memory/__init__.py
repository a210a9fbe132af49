"""Sources of rows that Python code hands over."""
