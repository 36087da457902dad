"""How much a file of rows may hold. Read by the process that opens workbooks too: no imports."""

ROWS = 1000
COLUMNS = 50
CELL = 2000
"""Characters; the longest right value is a link of that length."""
BYTES = 5 * 1024 * 1024
UNPACKED = 40 * 1024 * 1024
"""Bytes of XML in a workbook; a thousand rows take half a mebibyte."""
SECONDS = 10
MEMORY = 768 * 1024 * 1024
