#!/bin/sh
# Brings what the tests in a real VS Code need: Chromium, code-server and the test's own packages. Run it as often as
# you like; where everything is there it is done at once. As root on Debian it installs system packages too.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
client="$here/../../client-vscode"
packages='chromium libkrb5-dev g++ make'

have() { command -v "$1" >/dev/null 2>&1; }

# What is missing, by the name of its Debian package. macOS brings Kerberos and, with Xcode's tools, a compiler.
missing() {
	[ -n "${CHROMIUM:-}" ] || have chromium || [ -d '/Applications/Google Chrome.app' ] || echo chromium
	[ "$(uname)" = Darwin ] || have krb5-config || echo libkrb5-dev
	have g++ || echo g++
	have make || echo make
}

bring_system_packages() {
	lacking=$(missing | tr '\n' ' ')
	[ -n "$lacking" ] || return 0
	if have apt-get && [ "$(id -u)" = 0 ]; then
		apt-get update -qq
		# shellcheck disable=SC2086 - a list of words
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $lacking
	else
		echo "The tests in VS Code need: $lacking" >&2
		echo "On Debian: sudo apt install $packages. Elsewhere, install the same and name the browser: CHROMIUM=/path/to/it." >&2
		exit 1
	fi
}

# code-server compiles native modules against the headers that lie beside Node; the one for Kerberos would otherwise be
# downloaded from elsewhere than the registry.
bring_modules() {
	cd "$here"
	stamp=node_modules/.ready
	wanted=$(cksum <package-lock.json)
	[ "$(cat $stamp 2>/dev/null)" != "$wanted" ] || return 0
	echo 'Installing code-server and the packages of its tests: some minutes, 600 MB.' >&2
	node=$("$client/with-node" node -p 'fs.realpathSync(process.execPath)')
	npm_config_nodedir="$(dirname "$(dirname "$node")")" npm_config_build_from_source=kerberos \
		"$client/with-node" npm ci
	echo "$wanted" >$stamp
}

bring_system_packages
bring_modules
