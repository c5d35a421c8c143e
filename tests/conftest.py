"""Hypothesis without deadlines: machines are noisy, and no test here judges time."""

from hypothesis import settings

settings.register_profile("zhfix", deadline=None)
settings.load_profile("zhfix")
