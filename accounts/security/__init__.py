"""A company's security settings: what they say, where they are enforced, who changed them.

``rules`` decides, ``middleware`` asks it on every request with a session and ``signing_in`` before
there is one. No view asks by itself.
"""
