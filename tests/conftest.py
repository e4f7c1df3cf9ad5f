"""Settings of all Python tests."""

from hypothesis import settings

# A busy machine is no failure: no test asserts time. Failing examples are printed with their seed.
settings.register_profile("parley", deadline=None, print_blob=True)
settings.load_profile("parley")
