#!/bin/sh
# Makes the two images that the Dockerfile starts from, where no registry of images can be reached: from Debian's packages and from the
# Node.js and npm of this machine. Root; needs the Debian packages buildah and debootstrap. docs/DOCKER.md says what differs.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

debootstrap --variant=minbase bookworm "$root" > "$root.log" 2>&1 || { cat "$root.log" >&2; exit 1; }
rm -rf "$root.log" "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* \
  "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/* "$root"/var/log/*.log \
  "$root"/var/log/apt/*
debian=$(buildah from scratch)
buildah add --quiet "$debian" "$root" / > /dev/null
buildah config --cmd bash "$debian"
buildah commit --quiet --rm "$debian" localhost/debian:bookworm-slim > /dev/null

node=$(buildah from localhost/debian:bookworm-slim)
program=$(node -p process.execPath)
npm=$(node -p "require('node:fs').realpathSync(require('node:child_process').execSync('command -v npm').toString().trim())")
modules=${npm%/npm/bin/*}
buildah copy --quiet "$node" "$program" /usr/local/bin/node > /dev/null
buildah copy --quiet "$node" "$modules/npm" /usr/local/lib/node_modules/npm > /dev/null
# A proxy that ends TLS is known by its certificate; the final image of the Dockerfile does not inherit it.
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
  buildah copy --quiet "$node" "$NODE_EXTRA_CA_CERTS" /etc/extra-ca.crt > /dev/null
  buildah config --env NODE_EXTRA_CA_CERTS=/etc/extra-ca.crt "$node"
fi
buildah run --isolation chroot "$node" -- ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
buildah run --isolation chroot "$node" -- ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
buildah commit --quiet --rm "$node" localhost/node:20-bookworm-slim > /dev/null
echo 'localhost/debian:bookworm-slim and localhost/node:20-bookworm-slim are there'
