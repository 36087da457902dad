"""Read by gunicorn where it is started in this folder; elsewhere name it with --config."""

logger_class = "svportal.gunicorn_logs.GunicornLogger"
