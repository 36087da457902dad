"""A workbook's rows as JSON. A program of its own: run by workbooks.py, it imports nothing of ours.

calamine lays a sheet out from its first cell to its last: two cells far apart ask for gigabytes,
and when there are none the process is aborted. So it is this one, with bounded memory and time,
and never the one that answers people.
"""

import io
import json
import sys
from datetime import date, datetime, time, timedelta


def bound(memory, seconds):
    try:
        import resource
    except ImportError:  # Windows has none; the parent still ends it in time
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def text(value):
    """A cell as people read it: no 9845012346.0, no midnight after a date."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value)


def visible(workbook, calamine):
    return [
        number
        for number, sheet in enumerate(workbook.sheets_metadata)
        if sheet.visible == calamine.SheetVisibleEnum.Visible
        and sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]


def contents(sheet, most):
    """Its rows that hold anything, numbered as in the file; no more of them than *most*."""
    first = sheet.start[0] + 1 if sheet.start else 1
    count, rows = 0, []
    for number, row in enumerate(sheet.iter_rows(), first):
        cells = [text(value) for value in row]
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count <= most:
            rows.append([number, cells])
    merged = [[range_[0][0] + 1, range_[1][0] + 1] for range_ in sheet.merged_cell_ranges or []]
    return {"sheet": sheet.name, "rows": rows, "count": count, "merged": merged}


def read(content, most):
    import python_calamine as calamine

    try:
        workbook = calamine.load_workbook(io.BytesIO(content))
        sheets = [workbook.get_sheet_by_index(number) for number in visible(workbook, calamine)]
    except (calamine.CalamineError, ValueError, OSError):
        return {"error": "unreadable"}
    filled = [sheet for sheet in sheets if sheet.start is not None]
    if len(filled) > 1:
        return {"error": "sheets", "names": [sheet.name for sheet in filled]}
    return contents(filled[0], most) if filled else {"error": "empty"}


if __name__ == "__main__":
    bound(*map(int, sys.argv[1:3]))
    json.dump(read(sys.stdin.buffer.read(), int(sys.argv[3])), sys.stdout)
