# What the commands of this folder share: Debian's packages, unpacked below the target folder, and machines to boot.
#
# The packages come from wherever this machine's apt gets its own, of the suite below. Nothing is installed.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-$project/target}")
export CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG=0
at=$CARGO_TARGET_DIR/emulated
# The first with a compiler and a kernel that are new enough for all of the architectures.
suite=forky
gcc=15
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
tools=$at/tools

# Fails unless this machine can do it.
require() {
    local need
    [ "$(uname -sm)" = "Linux x86_64" ] || { echo "the emulator is one for x86_64 Linux" >&2; exit 1; }
    for need in apt-get cargo cc dpkg-deb gzip tar "$keyring"; do
        command -v "$need" >/dev/null || [ -e "$need" ] || { echo "$need is missing" >&2; exit 1; }
    done
    # Where this machine's apt gets what Debian itself releases.
    archive=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        awk '$1 == "Debian" && !n++ { print $2 }')
    [ -n "$archive" ] ||
        { echo "apt has no source of Debian's packages, or never fetched its lists: apt-get update" >&2; exit 1; }
    mkdir -p "$at"
}

# An apt that knows the packages of this machine and of one other architecture, and nothing of what is installed. Mirrors
# may be older than their lists are valid for.
apt_for() {
    local own=$at/apt-$1
    export APT_CONFIG=$own/apt.conf
    [ ! -e "$own/updated" ] || return 0
    mkdir -p "$own"/{lists/partial,archives/partial,sources,none} && : >"$own/status"
    cat >"$APT_CONFIG" <<-CONF
		Dir::State "$own"; Dir::State::status "$own/status"; Dir::Cache "$own"; Dir::Log "$own";
		Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "$own/sources"; Dir::Etc::parts "$own/none";
		Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "$own/none";
		APT::Architecture "amd64"; APT::Architectures { "amd64"; "$1"; };
		APT::Install-Recommends "false"; APT::Sandbox::User ""; APT::Update::Post-Invoke-Success "";
		Acquire::Languages "none"; Acquire::Check-Valid-Until "false"; Debug::NoLocking "true";
	CONF
    echo "deb [signed-by=$keyring] $archive $suite main" >"$own/sources/debian.list"
    apt-get -qq update && touch "$own/updated"
}

# Unpacks packages into a folder; with `--closure` also all that they depend on.
unpack() {
    local folder=$at/$1 new done
    shift
    done=$folder.${*//[^a-z0-9-]/.}
    done=${done:0:200}.done
    [ ! -e "$done" ] || return 0
    new=$(mktemp -d -p "$at") && mkdir -p "$folder" "$new/partial"
    if [ "$1" = --closure ]; then
        apt-get -qq -y -o Dir::Cache::archives="$new" --download-only install "${@:2}" >"$new/log"
    else
        (cd "$new" && apt-get -qq download "$@")
    fi
    for package in "$new"/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink --exclude './dev/*' -C "$folder"
    done
    rm -r "$new" && touch "$done"
}

# Emulators of these processors, and what packs a machine's files.
unpack_emulators() {
    unpack tools --closure cpio seabios qemu-system-{arm,misc,ppc,riscv,s390x,x86}
}

# Debian's newest kernel of a flavour for an architecture; `kernel` is its file.
unpack_kernel() {
    local image
    depends() { apt-cache depends -i "$1" | sed -n "s/^ *Depends: \($2-[^:]*\).*/\1/p"; }
    image=$(depends "linux-image-$1:$2" linux-image)
    unpack "kernel-$2" "$(depends "$image:$2" linux-base):$2" "$(depends "$image:$2" linux-binary):$2"
    kernel=$(find "$at/kernel-$2" -name 'vmlinu[xz]*' -type f -print -quit)
}

# The command that runs a program of Debian's with the libraries that it was built for.
tool() {
    local lib=$tools/usr/lib/x86_64-linux-gnu
    command=("$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$tools/usr/$1")
}

# Debian's Rust, and its standard library for one target.
compiler_for() {
    unpack tools --closure rustc lld
    unpack tools "libstd-rust-dev:$1"
    tool bin/rustc
    cat >"$at/rustc" <<-RUSTC
		#!/usr/bin/env bash
		exec ${command[*]@Q} --sysroot ${tools@Q}/usr "\$@"
	RUSTC
    chmod +x "$at/rustc"
    export RUSTC=$at/rustc
}

# For programs that need no files on the machine that they run on.
static='-Ctarget-feature=+crt-static -Crelocation-model=static'

# Packs a folder as what a kernel starts with.
pack() {
    tool bin/cpio
    (cd "$1" && find . -print0 | "${command[@]}" -0 -o -H newc --quiet -R 0:0) | gzip -1 >"$1.gz"
}

# Boots the kernel with a packed folder: emulator:machine:processor, console, folder, seconds, and what the emulator gets
# beside.
boot() {
    local qemu machine cpu
    IFS=: read -r qemu machine cpu <<<"$1"
    tool "bin/qemu-system-$qemu"
    timeout "$4" "${command[@]}" -machine "$machine" -cpu "$cpu" -accel tcg -m 2G -nographic -nodefaults \
        -serial stdio -no-reboot -L "$tools/usr/share/qemu" -L "$tools/usr/share/seabios" \
        -kernel "$kernel" -initrd "$3.gz" -append "console=$2 panic=-1 quiet mitigations=off init_on_alloc=0 syscall.x32=y" "${@:5}" </dev/null 2>&1 |
        sed -u 's,\r,,g'
}
