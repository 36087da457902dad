"""One host in several arrangements of databases and keys; each walk runs in its own process."""
