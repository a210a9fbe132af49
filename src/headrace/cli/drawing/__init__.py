"""Tables, image grids and contact sheets for the terminal and PNG files."""
