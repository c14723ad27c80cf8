"""The commands, one module each; a module is imported when its command runs, so that `--help` starts fast."""
