#!/bin/sh
# Installs hoopctl, hoop-gateway and hoop-agent, with completions and man pages. Run it with --help.
set -eu

programs='hoopctl hoop-gateway hoop-agent'

usage() {
    cat <<'EOF'
Usage: ./install.sh [OPTION]...

Builds the three programs with cargo and installs them, or installs a release archive.

  --prefix DIR        install under DIR (default: ~/.local, or /usr/local when run as root)
  --archive FILE      install this release archive (.tar.gz) instead of building
  --digest SHA256     the archive's SHA-256; without it FILE.sha256 beside the archive is used
  --programs LIST     only these, e.g. --programs hoopctl (default: all three)
  --no-completions    leave the shells alone
  --no-man            no man pages
  --uninstall         remove what an earlier run installed under the prefix
  -h, --help          this text

DESTDIR is honoured, for packagers. Nothing outside the prefix is written, and root is never needed for a prefix
of your own. A manifest in PREFIX/share/hoop/installed lists every file, and --uninstall removes exactly those.
EOF
}

say() { printf '%s\n' "$*" >&2; }
fail() { printf 'install.sh: %s\n' "$1" >&2; exit "${2:-1}"; }

prefix=
archive=
digest=
completions=yes
man=yes
uninstall=no
needs_value() { [ "$2" -ge 2 ] || fail "$1 needs a value; see --help" 2; }
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) needs_value "$1" $#; prefix=$2; shift ;;
        --prefix=*) prefix=${1#*=} ;;
        --archive) needs_value "$1" $#; archive=$2; shift ;;
        --archive=*) archive=${1#*=} ;;
        --digest) needs_value "$1" $#; digest=$2; shift ;;
        --digest=*) digest=${1#*=} ;;
        --programs) needs_value "$1" $#; programs=$(printf '%s' "$2" | tr ',' ' '); shift ;;
        --programs=*) programs=$(printf '%s' "${1#*=}" | tr ',' ' ') ;;
        --no-completions) completions=no ;;
        --no-man) man=no ;;
        --uninstall) uninstall=yes ;;
        -h | --help) usage; exit 0 ;;
        *) fail "unknown option: $1; see --help" 2 ;;
    esac
    shift
done
for program in $programs; do
    case $program in
        hoopctl | hoop-gateway | hoop-agent) ;;
        *) fail "no such program: $program (hoopctl, hoop-gateway, hoop-agent)" 2 ;;
    esac
done

if [ -z "$prefix" ]; then
    if [ "$(id -u)" = 0 ]; then
        prefix=/usr/local
    else
        [ -n "${HOME:-}" ] || fail "HOME is not set; name a folder with --prefix"
        prefix=$HOME/.local
    fi
fi
case $prefix in
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
esac
prefix=${prefix%/}
root=${DESTDIR:-}$prefix
manifest=$root/share/hoop/installed

remove_installed() {
    [ -f "$manifest" ] || fail "nothing to remove: $manifest is not there (another --prefix?)"
    while IFS= read -r file; do
        # A manifest that names anything outside the prefix is not ours.
        case $file in
            */../* | */.. | ../* | /* | '') fail "$manifest names '$file', which is not inside the prefix; nothing more was removed" ;;
        esac
        rm -f "$root/$file"
    done <"$manifest"
    rm -f "$manifest"
    rmdir "$root/share/hoop" 2>/dev/null || :
}

if [ "$uninstall" = yes ]; then
    remove_installed
    say "Removed from $prefix. Settings and login data of each user were left where they are."
    exit 0
fi

source_dir=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/hoop-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

sha256_of() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum "$1"
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 "$1"
    elif command -v openssl >/dev/null 2>&1; then
        openssl dgst -sha256 -r "$1"
    else
        fail "no program to check SHA-256 with (sha256sum, shasum or openssl)"
    fi | cut -d ' ' -f 1
}

# Leaves programs in $bin, completions in $shells and man pages in $pages.
from_archive() {
    [ -f "$archive" ] || fail "no such archive: $archive"
    if [ -z "$digest" ]; then
        [ -f "$archive.sha256" ] || fail "the archive cannot be checked: give --digest, or put $archive.sha256 beside it"
        digest=$(cut -d ' ' -f 1 "$archive.sha256")
    fi
    wanted=$(printf '%s' "$digest" | tr 'A-F' 'a-f')
    printf '%s' "$wanted" | grep -Eq '^[0-9a-f]{64}$' || fail "not a SHA-256 digest: $digest"
    found=$(sha256_of "$archive")
    [ "$found" = "$wanted" ] || fail "$archive is not what it should be: SHA-256 is $found, expected $wanted. Nothing was installed."
    tar -tzf "$archive" >"$work/names" || fail "$archive is not a gzip-compressed tar archive"
    if grep -Eq '(^/|(^|/)\.\.(/|$))' "$work/names"; then fail "$archive holds paths that leave its folder. Nothing was installed."; fi
    mkdir "$work/unpacked"
    tar -xzf "$archive" -C "$work/unpacked"
    top=$work/unpacked
    # One folder around everything, or none.
    if [ ! -d "$top/bin" ]; then
        for inner in "$top"/*/; do
            if [ -d "${inner}bin" ]; then top=${inner%/}; fi
        done
    fi
    bin=$top/bin shells=$top/completions pages=$top/man
}

from_source() {
    [ -f "$source_dir/Cargo.toml" ] || fail "no source beside this script; give --archive FILE"
    command -v cargo >/dev/null 2>&1 || fail "cargo is needed to build: install Rust with rustup, or give --archive FILE"
    packages=
    for program in $programs; do packages="$packages -p $program"; done
    say "Building$packages (the first build takes some minutes)"
    # shellcheck disable=SC2086 # a list of options
    (cd "$source_dir" && cargo build --release --locked --bins $packages >&2) || fail "the build failed; nothing was installed"
    target=${CARGO_TARGET_DIR:-$source_dir/target}
    case $target in
        /*) ;;
        *) target=$source_dir/$target ;;
    esac
    bin=$target/release shells=$source_dir/completions pages=$work/man
    mkdir -p "$pages"
    # Man pages come from the program itself, so they never lag behind its options.
    if [ "$man" = yes ] && [ -x "$bin/hoopctl" ]; then
        "$bin/hoopctl" man "$pages" >/dev/null 2>&1 || say "hoopctl could not write man pages; going on without them"
    fi
    # Line tables are most of a program's size; they stay in the build's folder.
    mkdir "$work/slim"
    for program in $programs; do
        [ -f "$bin/$program" ] || continue
        strip -S -o "$work/slim/$program" "$bin/$program" 2>/dev/null || cp "$bin/$program" "$work/slim/$program"
    done
    bin=$work/slim
}

if [ -n "$archive" ]; then from_archive; else from_source; fi
for program in $programs; do
    [ -f "$bin/$program" ] || fail "$program is missing in $bin. Nothing was installed."
done

mkdir -p "$root/share/hoop" 2>/dev/null && [ -w "$root/share/hoop" ] ||
    fail "cannot write to $root: choose a folder of your own with --prefix, or run as a user who may"
new=$work/installed
: >"$new"

# place MODE FILE RELATIVE: through a temporary name, so that a program in use is replaced and not overwritten.
place() {
    mkdir -p "$root/$(dirname "$3")"
    cp "$2" "$root/$3.new.$$"
    chmod "$1" "$root/$3.new.$$"
    mv -f "$root/$3.new.$$" "$root/$3"
    printf '%s\n' "$3" >>"$new"
}

for program in $programs; do place 755 "$bin/$program" "bin/$program"; done
if [ "$completions" = yes ]; then
    for pair in "hoopctl.bash share/bash-completion/completions/hoopctl" "_hoopctl share/zsh/site-functions/_hoopctl" \
        "hoopctl.fish share/fish/vendor_completions.d/hoopctl.fish" "_hoopctl.ps1 share/powershell/completions/hoopctl.ps1"; do
        file=$shells/${pair%% *}
        if [ -f "$file" ]; then place 644 "$file" "${pair#* }"; fi
    done
fi
if [ "$man" = yes ]; then
    for page in "$pages"/*.1; do
        if [ -f "$page" ]; then place 644 "$page" "share/man/man1/$(basename "$page")"; fi
    done
fi

# What an earlier version installed and this one does not is removed.
if [ -f "$manifest" ]; then
    while IFS= read -r file; do
        case $file in
            */../* | */.. | ../* | /* | '') continue ;;
        esac
        grep -Fxq "$file" "$new" || rm -f "$root/$file"
    done <"$manifest"
fi
cp "$new" "$manifest"
chmod 644 "$manifest"

say "Installed in $prefix: $(wc -l <"$new" | tr -d ' ') files (list: $prefix/share/hoop/installed)"
case ":${PATH:-}:" in
    *":$prefix/bin:"*) ;;
    *) say "$prefix/bin is not on your PATH; add it in your shell's start-up file." ;;
esac
say "Remove it with: $0 --prefix $prefix --uninstall"
