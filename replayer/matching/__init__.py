"""Which recorded request a request matches: what is compared, and the differences."""
