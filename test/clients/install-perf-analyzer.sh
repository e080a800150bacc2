#!/usr/bin/env bash
# Triton's perf_analyzer, unmodified, as .venv/perf-analyzer/bin/perf_analyzer (x86-64 only). Its wheel wants glibc 2.38; where the
# machine has an older one, those of Debian 13 are unpacked beside it, through an apt configuration of its own that leaves the
# machine's alone, and their loader starts it. What is there already stays. Needs pip; beside an older glibc also apt and dpkg.
set -euo pipefail
cd "$(dirname "$0")/../.."

home="$PWD/.venv/perf-analyzer"
[ -x "$home/bin/perf_analyzer" ] && exit 0
[ "$(uname -m)" = x86_64 ] || { echo 'perf_analyzer is built for x86-64 only' >&2; exit 1; }
rm -rf "$home"
mkdir -p "$home/bin"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# A plain install finds no wheel for an older glibc and takes an empty package in its place.
python3 -m venv "$work/venv"
"$work/venv/bin/pip" download -q --disable-pip-version-check --no-deps --only-binary=:all: --platform manylinux_2_38_x86_64 --dest "$work" perf-analyzer==2.60.0
python3 -m zipfile -e "$work"/perf_analyzer-*.whl "$home/wheel"
program="$home/wheel/perf_analyzer/bin/perf_analyzer"
chmod +x "$program"

# Without arguments it says that it wants a model; without its libraries nothing of it starts.
starts() { { "$@" 2>&1 || true; } | grep -q 'model name'; }
if starts "$program"; then
  ln -s "$program" "$home/bin/perf_analyzer"
  exit 0
fi

# The same mirror that the machine takes its own Debian packages from.
mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/$' || true)"
[ -n "$mirror" ] || { echo 'perf_analyzer wants glibc 2.38, and apt here knows no Debian to take it from' >&2; exit 1; }
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' "$mirror" >"$work/sources.list"
cat >"$work/apt.conf" <<APT
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
APT
export APT_CONFIG="$work/apt.conf"
apt-get update -q >/dev/null
(cd "$work" && apt-get download -q libc6 libstdc++6 libgcc-s1 zlib1g libssl3t64 >/dev/null 2>&1)
for package in "$work"/*.deb; do dpkg -x "$package" "$home/debian"; done
libraries="$home/debian/usr/lib/x86_64-linux-gnu"
cat >"$work/perf_analyzer" <<START
#!/bin/sh
exec '$libraries/ld-linux-x86-64.so.2' --library-path '$libraries' '$program' "\$@"
START
chmod +x "$work/perf_analyzer"
starts "$work/perf_analyzer" || { echo 'perf_analyzer does not start' >&2; exit 1; }
mv "$work/perf_analyzer" "$home/bin/perf_analyzer"
