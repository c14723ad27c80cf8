"""Which values differ in every run by nature: ids, timestamps, durations."""
