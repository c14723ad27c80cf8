"""The acceptance cases TC-001 to TC-504 as a conformance run: one module a category, `cases.py` lists them."""
