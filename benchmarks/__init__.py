"""Benchmarks. Each measures one thing beside a peer that does the least possible. They need Linux."""
