"""Books, which were here before there were tokens."""
