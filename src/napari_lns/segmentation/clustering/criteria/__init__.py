"""One module per criterion for the number of segments, with the criterion's name."""
