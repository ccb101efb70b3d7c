"""One module per clusterer, with the clusterer's name; a new module adds a clusterer."""
