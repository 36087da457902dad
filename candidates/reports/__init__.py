"""The report about a finished case: what stands in it, and as a PDF."""
