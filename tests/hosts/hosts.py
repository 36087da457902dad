"""Other people's projects, each run from the installed wheel in its own environment and process.

    output = run("plain")                                     # python -m plain.walk
    output = run("knox", requirements=("django-rest-knox",))  # with more installed
    output = run("plain", "-m", "django", "check", DEBUG="off")

A host is a folder beside this file: a package with `settings.py`, `urls.py` and `walk.py`, which
does what it has to show, asserts, and exits with 0. It is copied, together with `walking.py` (the
steps that every host shares), into an empty folder, which is the process's working directory: so
its modules are `plain.settings`, `plain.urls`, `walking`, and the repository is on nobody's path.

To add a host that needs more than the wheel, name the requirements in the call of `run`. Each set
of requirements has one environment under var/hosts/, made when it is first asked for and kept; the
wheel is built once a run, and installed into each that hasn't this very one.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from zipfile import ZipFile

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VAR = ROOT / "var" / "hosts"
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")
"""What a process takes over from ours, and pip's own settings; never PYTHONPATH or Django's."""


@cache
def dist() -> Path:
    """A folder with the wheel of the tree as it is, and nothing else."""
    folder = Path(tempfile.mkdtemp(prefix="wheel-", dir=_var()))
    atexit.register(shutil.rmtree, folder)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    call([*command, str(ROOT)], variables={})
    return folder


def wheel() -> Path:
    """The wheel, built once a run."""
    (found,) = dist().glob("*.whl")
    return found


@cache
def python(*requirements: str) -> Path:
    """The interpreter of an environment with the wheel and *requirements*, and nothing else."""
    folder = VAR / _name_of(requirements)
    interpreter, installed = folder / "bin" / "python", folder / "installed"
    with _locked(folder):
        before = installed.read_text() if installed.exists() else None
        if before is None:  # or somebody stopped while it was made
            shutil.rmtree(folder, ignore_errors=True)
            make_environment(folder)
            pip(interpreter, "install", str(wheel()), *requirements)
        elif before != _digest_of(wheel()):
            pip(interpreter, "install", "--no-deps", "--force-reinstall", str(wheel()))
        installed.write_text(_digest_of(wheel()))
    return interpreter


def run(
    host: str,
    *arguments: str,
    requirements: tuple[str, ...] = (),
    folder: Path | None = None,
    **variables: str,
) -> str:
    """Standard output of the host's walk, or of Python with *arguments*, in a copy of the host.

    *folder*, an empty one, is where the copy is made; without it that is gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix=f"{host}-", dir=_var()) as temporary:
        place = folder or Path(temporary)
        shutil.copytree(HERE / host, place / host, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(HERE / "walking.py", place)
        command = [str(python(*requirements)), *(arguments or ("-m", f"{host}.walk"))]
        settings = {"DJANGO_SETTINGS_MODULE": f"{host}.settings", "PYTHONWARNINGS": "error"}
        return call(command, cwd=place, variables=settings | variables)


def make_environment(folder: Path) -> None:
    """An empty virtual environment."""
    call([sys.executable, "-m", "venv", str(folder)], variables={})


def pip(interpreter: Path, *arguments: str) -> None:
    call([str(interpreter), "-m", "pip", "--quiet", *arguments], variables={})


def environment(**variables: str) -> dict[str, str]:
    """A process's variables: as few of ours as it can do with."""
    kept = {k: v for k, v in os.environ.items() if k in KEPT or k.startswith("PIP_")}
    return {**kept, "PYTHONNOUSERSITE": "1"} | variables


def call(command: list[str], *, variables: Mapping[str, str], cwd: Path | None = None) -> str:
    """Standard output of *command*, which must end well and say what is wrong if it doesn't."""
    done = subprocess.run(
        command, cwd=cwd, env=environment(**variables), capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _name_of(requirements: tuple[str, ...]) -> str:
    """One for each Python, set of requirements and dependencies of the wheel."""
    facts = [sys.version, *sorted(requirements), *_dependencies()]
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]
    return f"env-{digest}"


def _digest_of(file: Path) -> str:
    """Two builds of one tree are the same, byte for byte."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _dependencies() -> list[str]:
    with ZipFile(wheel()) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().splitlines()
    return [line for line in lines if line.startswith("Requires-Dist:")]


def _var() -> Path:
    VAR.mkdir(parents=True, exist_ok=True)
    return VAR


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone with an environment: two runs may want it at once."""
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
