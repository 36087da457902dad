"""A blank project: what `startproject` writes, Django's own User, one app that was there before."""
