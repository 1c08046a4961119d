"""
What the deploy test adds to moto's CloudFormation: see docs/adr/0009-deploy-test.md.

Python loads a module of this name before the program, which is moto's server, when its folder is on PYTHONPATH.
"""

import corrections  # noqa: F401
import deletion  # noqa: F401
import record  # noqa: F401
import stand_ins  # noqa: F401
