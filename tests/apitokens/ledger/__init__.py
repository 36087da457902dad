"""An app that existed before its rows were attributed, with models that can't take the mixin."""
