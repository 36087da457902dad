"""Workbooks for tests, written by hand: the sheets as people make them, and as nobody should."""

from tests.candidates.files import zipped

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def cell(value, reference):
    """A cell of text, or of a number; a tuple is a formula and the value it had when saved."""
    if isinstance(value, tuple):
        formula, last = value
        return f'<c r="{reference}" t="str"><f>{formula}</f><v>{escaped(last)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{reference}"><v>{value}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t>{escaped(value)}</t></is></c>'


def sheet(rows, more=""):
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            cell(value, f"{chr(65 + at)}{number}") for at, value in enumerate(row) if value != ""
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData>{more}</worksheet>'
    )


def xlsx(*sheets, names=("Nov joiners", "Other", "Third"), states=(), more=None):
    """A workbook of *sheets*, each rows of values or XML of its own."""
    bodies = [body if isinstance(body, str) else sheet(body) for body in sheets]
    numbers = range(1, len(bodies) + 1)
    states = dict(enumerate(states, 1))
    listed = "".join(
        f'<sheet name="{names[n - 1]}" sheetId="{n}" r:id="rId{n}"'
        f"{f' state={chr(34)}{states[n]}{chr(34)}' if states.get(n) else ''}/>"
        for n in numbers
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    return zipped(
        {
            "[Content_Types].xml": f'{HEAD}<Types xmlns="{TYPES}"/>',
            "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
            f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
            f"<sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}">{related}'
            "</Relationships>",
            **{f"xl/worksheets/sheet{n}.xml": bodies[n - 1] for n in numbers},
            **(more or {}),
        }
    )
