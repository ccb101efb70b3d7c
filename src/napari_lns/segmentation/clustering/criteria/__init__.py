"""One module for each criterion of the number of segments, named like it."""
