"""One module for each clusterer, named like it: a new module is a new clusterer."""
