"""The recorder: turns live traffic into a cassette without delaying the traffic."""
