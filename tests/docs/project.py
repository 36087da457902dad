"""A scratch project in which the blocks of a page happen, as a reader would make them happen."""

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from tests.docs.blocks import Block, CannotRun
from tests.docs.outputs import agrees
from tests.servers import ROOT, free_port, get, wait_for

SERVER_ADDRESS, PROXY_ADDRESS = "127.0.0.1:8000", "127.0.0.1:8080"
SERVER = "python manage.py runserver"
EXITS = re.compile(r"^(.+?) +# exits (\d+)$", re.MULTILINE)

PIP = """#!/bin/sh
# What pages install is here already; anything else would be fetched, so it is refused.
shift
exec "{python}" - "$@" <<'END'
import importlib.metadata, sys
known = {{d.metadata["Name"].lower().replace("_", "-") for d in importlib.metadata.distributions()}}
wanted = [w.partition("[")[0].partition("=")[0].lower() for w in sys.argv[1:] if w[0] != "-"]
sys.exit(", ".join(set(wanted) - known - {{"svportal-apitokens"}}) or None)
END
"""
# A block's variables and folder are the next one's; one that fails ends the page. The first finds
# none, and a folder that a block has removed can't be entered again: neither is a failure.
BASH = """set -euo pipefail
{ [ -f "$STATE" ] && . "$STATE"; } || true
trap '{ export -p; printf "cd %q\\n" "$PWD"; } > "$STATE"' EXIT
set -a
"""
NGINX = """daemon off;
pid {home}/nginx.pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path {home}/bodies;
  proxy_temp_path {home}/answers;
  fastcgi_temp_path {home}/unused;
  uwsgi_temp_path {home}/unused;
  scgi_temp_path {home}/unused;
{block}
}}
"""


class Project:
    """The folder of a page, its environment, and the server that its reader has started."""

    def __init__(self, home: Path, start: Path | None = None) -> None:
        self.home, self.folder = home, home / "project"
        if start:
            shutil.copytree(start, self.folder, symlinks=True)
        else:
            self.folder.mkdir(parents=True)
        self.address = f"127.0.0.1:{free_port()}"
        self.true = {SERVER_ADDRESS: self.address, PROXY_ADDRESS: f"127.0.0.1:{free_port()}"}
        self.server: subprocess.Popen[str] | None = None
        self.proxy: subprocess.Popen[str] | None = None
        self.served = self.stale = False
        self.written: list[str] = []
        self.printed: str | None = None
        self._install()

    def _install(self) -> None:
        """The app and nothing of the portal, where Python finds it; curl without its meter."""
        (self.home / "site").mkdir()
        (self.home / "site" / "apitokens").symlink_to(ROOT / "apitokens")
        (self.home / ".curlrc").write_text("silent\nshow-error\n")
        pip = self.home / "bin" / "pip"
        pip.parent.mkdir()
        pip.write_text(PIP.format(python=sys.executable))
        pip.chmod(pip.stat().st_mode | stat.S_IXUSR)

    @property
    def environment(self) -> dict[str, str]:
        path = [
            str(self.home / "bin"),
            str(Path(sys.executable).parent),
            "/usr/bin",
            "/bin",
            "/usr/sbin",
        ]
        return {
            "PATH": os.pathsep.join(path),
            "HOME": str(self.home),
            "PYTHONPATH": str(self.home / "site"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "STATE": str(self.home / "state"),
            "LC_ALL": "C.UTF-8",
        }

    def play(self, block: Block) -> None:
        try:
            getattr(self, f"_{block.role}")(block)
        except AssertionError as error:
            raise AssertionError(f"{block.where}: {error}") from error

    # --- what blocks do -------------------------------------------------------------------------
    def _file(self, block: Block) -> None:
        path, at_the_end = block.file or ("", False)
        target = self.folder / path
        assert target.exists() or not at_the_end, f"there is no {path} to add to"
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.read_text(encoding="utf-8") if at_the_end else ""
        target.write_text(before + self._here(block.text), encoding="utf-8")
        self.written.append(path)
        self.stale, self.printed = True, None

    def _run(self, block: Block) -> None:
        self.printed = ""
        lines = self._here(block.text).splitlines()
        starts = SERVER in lines
        assert SERVER not in lines[:-1], "what follows the server's start never happens"
        commands = "\n".join(lines[:-1] if starts else lines)
        if any(true in commands for true in self.true.values()):
            self._serve()
        script = EXITS.sub(r"{ \1; } && exit 99 || [ $? -eq \2 ]", commands)
        self.printed = self._call("bash", "-c", BASH + script)
        if starts:
            self.served = self.stale = True
            self._serve()

    def _shell(self, block: Block) -> None:
        self.printed = self._call(sys.executable, "manage.py", "shell", "-v0", "-c", block.text)

    def _nginx(self, block: Block) -> None:
        """A proxy of the page's own making, in front of the server."""
        assert PROXY_ADDRESS in block.text, f"it listens on {PROXY_ADDRESS}"
        config = self.home / "nginx.conf"
        config.write_text(NGINX.format(home=self.home, block=self._here(block.text)))
        command = ["nginx", "-p", str(self.home), "-e", "stderr", "-c", str(config)]
        with (self.home / "nginx.log").open("w") as log:
            self.proxy = subprocess.Popen(command, env=self.environment, stderr=log, text=True)
        port = int(self.true[PROXY_ADDRESS].rpartition(":")[2])
        wait_for(lambda: self._stands(self.proxy, "nginx.log") and get(port, "/")[0] > 0)
        self.printed = None

    def _output(self, block: Block) -> None:
        if self.printed is None:
            raise CannotRun("it shows an output, but stands after no command")
        printed, self.printed = self._there(self.printed), None
        assert agrees(block.language, block.text, printed), f"printed was\n{printed}"

    # --- how --------------------------------------------------------------------------------------
    def _here(self, text: str) -> str:
        for told, true in self.true.items():
            text = text.replace(told, true)
        return text

    def _there(self, text: str) -> str:
        for told, true in self.true.items():
            text = text.replace(true, told)
        return text

    def _call(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, text=True, timeout=120, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}"
        return done.stdout

    def _serve(self) -> None:
        """A server with the files as they are now, as runserver itself sees to it."""
        assert self.served, f"`{SERVER}` comes before what asks it"
        if not self.stale:
            return
        self._stop(self.server)
        command = [sys.executable, "manage.py", "runserver", "--noreload", self.address]
        with (self.home / "server.log").open("w") as log:
            self.server = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=log, stderr=log, text=True
            )
        self.stale = False
        port = int(self.address.rpartition(":")[2])
        wait_for(lambda: self._stands(self.server, "server.log") and get(port, "/")[0] > 0)

    def _stands(self, process: subprocess.Popen[str] | None, log: str) -> bool:
        if process is None or process.poll() is not None:
            raise AssertionError((self.home / log).read_text())
        return True

    def finish(self) -> None:
        """Whatever the page wrote imports, and the project it has made is a sound one."""
        modules = [p[:-3].replace("/", ".") for p in self.written if p.endswith(".py")]
        imports = "".join(f"import {name.removesuffix('.__init__')}\n" for name in modules)
        self._call(sys.executable, "manage.py", "shell", "-v0", "-c", imports or "pass")

    def close(self) -> None:
        self._stop(self.server)
        self._stop(self.proxy)

    @staticmethod
    def _stop(process: subprocess.Popen[str] | None) -> None:
        if process:
            process.terminate()
            process.wait(timeout=20)
