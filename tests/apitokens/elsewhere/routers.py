"""Where a host may send its apps."""


class SessionsElsewhere:
    """Tokens in the default database, another app in its own."""

    def db_for_read(self, model, **hints):
        return "visits" if model._meta.app_label == "sessions" else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return (db == "visits") is (app_label == "sessions")


class AllInPeople:
    """The default database is none: whatever forgets to ask the router fails."""

    def db_for_read(self, model, **hints):
        return "people"

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return db == "people"


class ReadsFromReplica:
    """A replica that never learns of anything but what was there when the host began."""

    def db_for_read(self, model, **hints):
        return "replica" if model._meta.app_label == "apitokens" else "default"

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, one, other, **hints):
        return True
