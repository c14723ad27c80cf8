#!/bin/sh
# Locks what pyproject.toml asks for into requirements/*.txt, with hashes and without any registry's address.
set -eu

compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@"
}
compile pyproject.toml --group build --output-file requirements/runtime.txt
compile pyproject.toml --extra platform --group build --constraint requirements/runtime.txt \
    --output-file requirements/platform.txt
compile pyproject.toml --extra platform --group build --group dev --constraint requirements/platform.txt \
    --output-file requirements/dev.txt
