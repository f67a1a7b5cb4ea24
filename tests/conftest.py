"""What every test shares: how long Hypothesis searches, and the count of requirements that the tests prove."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Examples have no deadline: the machines that run the tests are shared, and a slow one proves nothing.
settings.register_profile("dev", max_examples=50, deadline=None)
# The same examples in every run: a failure in CI is a failure that everybody sees.
settings.register_profile(
    "ci",
    max_examples=200,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.load_profile(os.environ.get("WIRE_HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

pytest_plugins = ["pytester", "tests.spec_coverage"]
