"""Files of rows: what is read of them, and what is refused, naming row and column."""

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from candidates.exceptions import FileRefused
from candidates.tables import limits, read_table
from candidates.tables.reading import letter
from tests.candidates import files
from tests.candidates.files import upload
from tests.candidates.workbooks import MAIN, PACKAGE, RELATIONS, sheet, xlsx

ROWS = [["Name", "Mobile"], ["Ananya Krishnan", 9845012346], ["José D’Souza", "9901122334"]]
READ = [(2, ["Ananya Krishnan", "9845012346"]), (3, ["José D’Souza", "9901122334"])]
TEXT = "Name,Mobile\nAnanya Krishnan,9845012346\nJosé D'Souza,9901122334\n"
XLS = (Path(__file__).parent / "joiners.xls").read_bytes()
FAR = (
    f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)
MERGED = '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
NOT_TAKEN = "Choose a CSV, XLS or XLSX file"
UNREADABLE = "The workbook can’t be read: it is damaged, or has cells far outside of 1000 rows"


FILE_PASS = b"\x2f\0\x36\0\x01\0"
WRITE_PROTECT = b"\x86\0\0\0"


def beginning_with(book, records):
    """An xls that goes on with *records* behind its first one, [MS-XLS] 2.1.7.20.3."""
    at = book.index(b"\x09\x08\x10\0") + 20
    return book[:at] + records + book[at + len(records) :]


def read(content, name="joiners.csv"):
    return read_table(upload(content, name, "application/octet-stream"))


def refusal(content, name="joiners.csv"):
    with pytest.raises(FileRefused) as caught:
        read(content, name)
    return str(caught.value.message)


def test_a_workbook_is_read_with_its_sheet_and_the_numbers_of_its_rows():
    table = read(xlsx(ROWS), "joiners.xlsx")
    assert (table.headings, table.rows, table.sheet) == (ROWS[0], READ, "Nov joiners")


def test_an_old_workbook_is_read():
    table = read(XLS, "joiners.xls")
    assert table.headings == ["Full name", "Mobile No.", "Personal mail"]
    assert table.rows[1] == (3, ["अनन्या शर्मा", "9901122334", "sharma@example.in"])
    assert table.sheet == "Nov joiners"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_of_any_country_is_read(charset, separator):
    table = read(TEXT.replace(",", separator).encode(charset))
    assert table.headings == ["Name", "Mobile"]
    assert table.rows[1] == (3, ["José D'Souza", "9901122334"])
    assert table.note == ("Latin-1" if charset in {"latin-1", "cp1252"} else "")


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_of_either_order_is_read(order):
    table = read(f"\ufeff{TEXT}".encode(order))
    assert table.rows[1] == (3, ["José D'Souza", "9901122334"])


def test_bytes_that_no_charset_knows_are_marked_and_not_refused():
    table = read(b"Name\nJos\xe9 \x81\n")
    assert (table.rows, table.note) == ([(2, ["José \ufffd"])], "Latin-1")


def test_lines_that_end_as_on_an_old_mac_are_lines():
    table = read(b"Name;Mobile\rA, B, C, D;98\r")
    assert (table.headings, table.rows) == (["Name", "Mobile"], [(2, ["A, B, C, D", "98"])])


def test_a_separator_in_quotes_separates_nothing():
    table = read(b'"Name, as; on; the; document","Mobile"\r\n"Krishnan, Ananya",98\r\n')
    assert table.headings == ["Name, as; on; the; document", "Mobile"]
    assert table.rows == [(2, ["Krishnan, Ananya", "98"])]


@pytest.mark.parametrize("word", ["sep", "SEP"])
def test_the_line_that_tells_excel_the_separator_is_no_row(word):
    table = read(f"{word}=;\r\nName;Mobile\r\nA,B;98\r\n".encode())
    assert (table.headings, table.rows) == (["Name", "Mobile"], [(3, ["A,B", "98"])])


@pytest.mark.parametrize("named", ['"', "\r"])
def test_a_line_that_names_what_can_not_separate_is_a_row_like_another(named):
    """Python 3.13 has an error of its own for each."""
    table = read(f"sep={named}\r\nAnanya\r\n".encode())
    assert table.headings[0].startswith("sep=")
    assert table.rows[-1][1] == ["Ananya"]


def test_rows_without_anything_count_but_are_left_out():
    table = read(b"\n\nName,Mobile\n,\nAnanya,98\n\n  ,\nRohan,99\n")
    assert [number for number, _cells in table.rows] == [5, 8]
    table = read(xlsx([["Name"], [""], ["Ananya"]]), "joiners.xlsx")
    assert table.rows == [(3, ["Ananya"])]


def test_short_and_long_rows_and_columns_without_heading_are_kept():
    table = read(b"Name,,Mobile\nAnanya\nRohan,x,99,more\n")
    assert table.headings == ["Name", "Column B", "Mobile", "Column D"]
    assert table.rows == [(2, ["Ananya", "", "", ""]), (3, ["Rohan", "x", "99", "more"])]


def test_a_cell_of_several_lines_is_one_line():
    table = read(b'Name,Mobile\n"Ananya\r\nKrishnan\t",98\n')
    assert table.rows == [(2, ["Ananya Krishnan", "98"])]


def test_a_heading_and_the_name_of_a_sheet_are_no_longer_than_their_columns():
    table = read(xlsx([["N" * 300], ["Ananya"]], names=["S" * 300]), "joiners.xlsx")
    assert (table.headings, table.sheet) == (["N" * 100], "S" * 100)


def test_a_character_that_no_database_keeps_is_marked():
    table = read(xlsx([["Name"], ["An_x0000_anya"]]), "joiners.xlsx")
    assert table.rows == [(2, ["An\ufffdanya"])]


def test_a_formula_is_read_as_what_it_came_to():
    rows = [["Name", "Mobile"], [("A1&amp;A2", "Ananya Krishnan"), 9845012346]]
    assert read(xlsx(rows), "joiners.xlsx").rows == READ[:1]
    assert read(b"Name\n=1+1\n").rows == [(2, ["=1+1"])]


def test_sheets_that_nobody_sees_or_that_are_empty_do_not_matter():
    table = read(xlsx(ROWS, [["Lists"]], [], states=["", "hidden", ""]), "joiners.xlsx")
    assert table.rows == READ


def test_a_sheet_that_holds_a_chart_does_not_matter():
    kinds = {1: "worksheets", 2: "chartsheets"}
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/{kind[:-1]}" Target="{kind}/sheet{n}.xml"/>'
        for n, kind in kinds.items()
    )
    more = {
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>',
        "xl/chartsheets/sheet2.xml": sheet([["as a sheet of rows has it"]]),
    }
    assert read(xlsx(ROWS, [], more=more), "joiners.xlsx").rows == READ


@pytest.mark.parametrize(("at", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (49, "AX")])
def test_columns_have_the_names_of_spreadsheets(at, name):
    assert letter(at) == name


def test_the_same_rows_have_the_same_fingerprint_in_whatever_kind_of_file():
    rows = [ROWS[0], ROWS[1]]
    book = read(xlsx(rows), "joiners.xlsx").fingerprint
    assert book == read(TEXT.encode().rpartition(b"Jos")[0], "other.csv").fingerprint
    assert book != read(TEXT.encode()).fingerprint


@pytest.mark.parametrize(
    ("content", "name", "text"),
    [
        (b"", "a.csv", "The file is empty"),
        (b"", "a.xlsx", "The file is empty"),
        (b"\n\n ,\n", "a.csv", "The file is empty"),
        (xlsx([]), "a.xlsx", "The file is empty"),
        (b"Name,Mobile\n", "a.csv", "There are no rows below the headings"),
        (xlsx([["Name"]]), "a.xlsx", "There are no rows below the headings"),
        (files.PDF, "a.csv", NOT_TAKEN),
        (files.PDF, "a.xlsx", NOT_TAKEN),
        (files.PNG, "a.xls", NOT_TAKEN),
        (files.WINDOWS_PROGRAM, "a.csv", NOT_TAKEN),
        (files.DOCX, "a.xlsx", NOT_TAKEN),
        (files.DOC, "a.xls", NOT_TAKEN),
        (b"Name\xff\xfe\n\0", "a.csv", NOT_TAKEN),
        ("\ufeffName\n\ud800".encode("utf-16-le", "surrogatepass"), "a.csv", NOT_TAKEN),
        (b"\xef\xbb\xbfName\nJos\xe9\n", "a.csv", NOT_TAKEN),
        (files.HTML, "a.csv", "This is a web page or XML: save it as CSV or XLSX"),
        (b"\r\n " + files.HTML, "a.csv", "This is a web page or XML: save it as CSV or XLSX"),
        (TEXT.encode(), "a.xlsx", "The name says XLSX, the content is CSV"),
        (TEXT.encode(), "a.XLS", "The name says XLS, the content is CSV"),
        (xlsx(ROWS), "a.csv", "The name says CSV, the content is XLSX"),
        (XLS, "a.xlsx", "The name says XLSX, the content is XLS"),
        (files.ole("EncryptedPackage"), "a.xlsx",
         "The workbook has a password: save it without one"),
        (beginning_with(XLS, FILE_PASS), "a.xls",
         "The workbook has a password: save it without one"),
        (beginning_with(XLS, WRITE_PROTECT + FILE_PASS), "a.xls",
         "The workbook has a password: save it without one"),
        (files.ole("Workbook"), "a.xls", UNREADABLE),
        (xlsx(FAR), "a.xlsx", UNREADABLE),
        (xlsx("<worksheet><row"), "a.xlsx", UNREADABLE),
        (xlsx(ROWS, more={"xl/vbaProject.bin": "macros"}), "a.xlsx", NOT_TAKEN),
        (xlsx(ROWS, [["more"]]), "a.xlsx",
         "Several sheets hold something: Nov joiners, Other. Keep one"),
        (xlsx(sheet(ROWS, MERGED)), "a.xlsx", "Row 2–3 has merged cells: unmerge them"),
        (b'Name,Mobile\nA,1\n"B,2\nC,3\n', "a.csv", "Row 3: a quotation mark has no partner"),
        (b"Name\n" + b"a" * 2001, "a.csv", "Row 2, Name: more than 2000 characters"),
        (b"Name\n" + b"a" * 200_000, "a.csv", "Row 2: the cell is too long"),
        (b",".join([b"x"] * 51) + b"\n1\n", "a.csv",
         "The file has 51 columns, at most 50 are taken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_refused_says_why(content, name, text):
    assert refusal(content, name) == text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_thousand_rows_are_taken_and_one_more_is_not(kind):
    def made(count):
        if kind == "csv":
            return b"Name\n" + b"Ananya\n" * count
        return xlsx([["Name"], *[["Ananya"]] * count])

    assert len(read(made(1000), f"a.{kind}").rows) == 1000
    text = "The file has 1001 rows, at most 1000 are taken: split it"
    assert refusal(made(1001), f"a.{kind}") == text


def test_five_mebibytes_are_taken_and_one_byte_more_is_not():
    content = b"Name,B,C\n" + (b",".join([b"a" * 1746] * 3) + b"\n") * 1000
    content += b"\n" * (5 * 1024 * 1024 - len(content))
    assert len(read(content).rows) == 1000
    assert refusal(content + b"\n") == "Choose a file of up to 5 MB"


# Bombs ----------------------------------------------------------------------------------------
def test_a_workbook_that_unpacks_to_a_multiple_is_refused_by_its_directory():
    bomb = xlsx(ROWS, more={"xl/worksheets/sheet9.xml": bytes(60_000_000)})
    assert len(bomb) < 100_000
    assert refusal(bomb, "a.xlsx") == NOT_TAKEN


def random_text(size):
    """What deflate halves at best, so that no ratio gives it away."""
    return random.Random(7).randbytes(size // 2).hex()


def test_more_than_forty_mebibytes_of_xml_are_refused():
    """By the count: nothing in its directory is strange."""
    bomb = xlsx(ROWS, more={"xl/other.xml": random_text(8000) * (41 * 1024 * 1024 // 8000)})
    assert len(bomb) < limits.BYTES
    assert refusal(bomb, "a.xlsx") == "The workbook holds far more than 1000 rows: split it"


def test_what_a_workbook_unpacks_to_is_counted_too(monkeypatch):
    monkeypatch.setattr(limits, "UNPACKED", 200_000)
    bomb = xlsx(ROWS, more={f"xl/other{n}.xml": random_text(60_000) for n in range(4)})
    assert refusal(bomb, "a.xlsx") == "The workbook holds far more than 1000 rows: split it"


def with_sizes(content, size):
    """The directory says that each entry unpacks to *size*."""
    changed, at = bytearray(content), 0
    while (at := changed.find(b"PK\x01\x02", at)) >= 0:
        changed[at + 24 : at + 28] = struct.pack("<I", size)
        at += 4
    return bytes(changed)


def test_a_directory_that_lies_about_sizes_gives_nothing_away():
    body = b"<worksheet>" + b" " * 30_000_000
    bomb = with_sizes(xlsx(ROWS, more={"xl/worksheets/sheet9.xml": body}), 100)
    assert refusal(bomb, "a.xlsx") == UNREADABLE


def test_the_process_that_opens_workbooks_gets_nothing_but_counted_xml(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "candidates.tables.reading.read_workbook",
        lambda content: (
            seen.append(content) or {"merged": [], "rows": READ, "sheet": "", "count": 2}
        ),
    )
    read(xlsx(ROWS, more={"xl/media/image1.png": files.PNG, "docProps/app.xml": "<x/>"}), "a.xlsx")
    names = zipfile.ZipFile(io.BytesIO(seen[0])).namelist()
    assert "xl/worksheets/sheet1.xml" in names
    assert not [name for name in names if name.endswith(".png")]


def test_entities_of_xml_are_not_unfolded():
    body = (
        f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="str"><v>&b;</v></c></row>'
        "</sheetData></worksheet>"
    )
    assert refusal(xlsx(body), "a.xlsx") == UNREADABLE
