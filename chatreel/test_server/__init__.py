"""The process that replays and records for the tests of one test run, and what it does there."""
