#!/bin/sh
# The browser tests need a Chromium of the system: installs Debian's where that is possible without asking.
# Without one those tests are skipped, and say so.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing chromium for the browser tests"
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium; } >/dev/null 2>&1 && exit 0
fi
echo "no Chromium here: the browser tests will be skipped (Debian: apt install chromium)"
