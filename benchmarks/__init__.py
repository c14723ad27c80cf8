"""Benchmarks: each module is one of them, or something that several share. They need Linux."""
