#!/bin/sh
# Installs what the GPU tests need on Debian 12 as root: a software Vulkan driver (lavapipe of Mesa 25, from backports)
# for Dawn in Node, and Chromium, whose own SwiftShader serves the browser tests. Does nothing where they are there.
set -e

if [ "$(id -u)" != 0 ]; then
  echo 'setup.sh: must run as root' >&2
  exit 1
fi

installed() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true; }
mesa=$(installed mesa-vulkan-drivers)

case "$mesa" in
  '' | ? | ?.* | 1?.* | 20.* | 21.* | 22.* | 23.* | 24.*)
    list=/etc/apt/sources.list.d/kindling-backports.sources
    # the mirror that the machine already uses, with the backports suite
    mirror=$(sed -n 's/^URIs: *\(.*\/debian\)\/*$/\1/p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
    [ -n "$mirror" ] || mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\/debian\)\/* .*/\2/p' /etc/apt/sources.list 2>/dev/null | head -n 1)
    if [ -z "$mirror" ]; then
      echo 'setup.sh: no Debian mirror found in the apt sources' >&2
      exit 1
    fi
    printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$mirror" >"$list"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends -t bookworm-backports mesa-vulkan-drivers libvulkan1
    ;;
esac

if ! command -v chromium >/dev/null; then
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium
fi
