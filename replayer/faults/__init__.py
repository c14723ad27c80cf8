"""Faults: what goes wrong between a platform and a chatbot, on demand and exactly repeatable.

A fault changes the schedule of a response: it is a pure function of the actions that it is fed and of a seeded
random source. `fault.py` says what a fault is, one file in each family's folder holds one fault, and
`language/registry.py` finds them all.
"""
