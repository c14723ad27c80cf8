"""`python -m chatreel`."""

from chatreel.main import main

main()
