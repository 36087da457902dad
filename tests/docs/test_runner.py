"""The runner of the docs overlooks nothing: a page that is wrong is red."""

from contextlib import closing

import pytest

from tests.docs.blocks import CannotRun, blocks_of
from tests.docs.outputs import agrees
from tests.docs.project import Project


@pytest.fixture
def play(tmp_path):
    """Run a page of this text in an empty folder."""

    def played(text):
        page = tmp_path / "page.md"
        page.write_text(text, encoding="utf-8")
        with closing(Project(tmp_path / "home")) as project:
            for block in blocks_of(page):
                project.play(block)
        return project

    return played


def fence(language, text):
    return f"```{language}\n{text}\n```\n"


def test_variables_and_the_folder_last_until_the_page_ends(play):
    play(fence("sh", "mkdir sub\ncd sub\nNAME='a b'") + fence("sh", 'pwd\necho "$NAME"')
         + fence("text", "…/project/sub\na b"))  # fmt: skip


def test_files_are_written_and_added_to(play):
    project = play(
        fence("python", "# a/b.py\nx = 1") + fence("python", "# a/b.py, at the end\ny = 2")
    )
    written = (project.folder / "a" / "b.py").read_text()
    assert written == "# a/b.py\nx = 1\n# a/b.py, at the end\ny = 2\n"


@pytest.mark.parametrize(
    "text",
    [
        fence("python", "print(1)"),
        fence("", "anything"),
        fence("yaml", "a: 1"),
        fence("text", "1"),
        fence("sh", "echo 1") + fence("text", "1") + fence("text", "1"),
        "- in a list\n\n  ```sh\n  false\n  ```\n",
        "```sh\nfalse\n",
        "~~~sh\nfalse\n~~~\n",
        '```sh title="x"\nfalse\n```\n',
    ],
    ids=["python", "bare", "yaml", "orphan", "twice", "indented", "unclosed", "tildes", "titled"],
)
def test_a_block_that_nobody_would_run_fails(play, text):
    with pytest.raises(AssertionError):
        play(text)


@pytest.mark.parametrize(
    "text",
    [
        fence("sh", "false"),
        fence("sh", "false | cat"),
        fence("sh", "echo $UNSET"),
        fence("sh", "true  # exits 1"),
        fence("sh", "(exit 2)  # exits 1"),
        fence("sh", "echo 1") + fence("text", "2"),
        fence("sh", "curl http://127.0.0.1:8000/"),
        fence("sh", "pip install nobody-has-this"),
        fence("python", "# none.py, at the end\nx = 1"),
        fence("python", "# manage.py shell\nprint(1)"),
    ],
)
def test_a_block_that_does_not_do_what_the_page_says_fails(play, text):
    with pytest.raises(AssertionError, match=r"page.md:1|page.md:4"):
        play(text)


def test_an_exit_code_that_is_told_is_right(play):
    play(fence("sh", "(exit 3)  # exits 3\necho on") + fence("text", "on"))


@pytest.mark.parametrize(
    ("language", "told", "printed", "right"),
    [
        ("text", "a … c\n", "a b c\n", True),
        ("text", "a … c\n", "a b\nc\n", False),
        ("text", "…\nlast\n", "1\n2\nlast\n", True),
        ("text", "…\nlast\n", "1\n2\nlast\nmore\n", False),
        ("text", "a.c\n", "abc\n", False),
        ("json", '{"a": "tok_…", "b": "…"}', '{"b": [1], "a": "tok_1"}', True),
        ("json", '{"a": 1}', '{"a": 1, "b": 2}', False),
        ("json", '{"a": 1}', '{"a": true}', False),
        ("json", "[1]", "[1, 2]", False),
        ("json", "[1]", "no JSON at all", False),
        ("http", "HTTP/1.1 200 OK\nAllow: GET\n", "HTTP/1.1 200 OK\r\nallow: GET\r\n\r\nx", True),
        ("http", "HTTP/1.1 200 OK\nAllow: GET\n", "HTTP/1.1 200 OK\r\nX: y\r\n\r\nx", False),
        ("http", "HTTP/1.1 200 OK\n", "HTTP/1.1 401 Unauthorized\r\n\r\n", False),
        ("http", "HTTP/1.1 200 OK\n\ny\n", "HTTP/1.1 200 OK\r\n\r\nx", False),
    ],
)
def test_outputs_are_compared(language, told, printed, right):
    assert agrees(language, told, printed) is right


def test_a_block_that_cannot_run_says_where(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Words.\n\n" + fence("ruby", "puts 1"), encoding="utf-8")
    with pytest.raises(CannotRun, match=r"page.md:3"):
        _ = [block.role for block in blocks_of(page)]
