"""gunicorn's own two logs without links. Apart, because gunicorn is not there on every system."""

from typing import Any

from gunicorn.glogging import Logger

from svportal.logs import LineFormatter


class GunicornLogger(Logger):
    """gunicorn.conf.py names it."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                if not isinstance(handler.formatter, LineFormatter):
                    handler.setFormatter(LineFormatter(inner=handler.formatter))
