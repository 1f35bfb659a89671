# Shared by ./fovea and ./test: what must be installed, and how the parts are built. Expects $root to be set.

# The SDK wants ICU, which a fresh system may lack and nothing here needs.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-1}"

say() { printf 'fovea: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# The folder that LIBTORCH names may be given from anywhere, and must be one.
if [ -n "${LIBTORCH:-}" ]; then
    libtorch_files() { ls "$LIBTORCH"/lib/libtorch_cpu.so "$LIBTORCH"/lib/*-linux-gnu/libtorch_cpu.so 2>/dev/null || true; }
    [ -n "$(libtorch_files)" ] || fail "LIBTORCH=$LIBTORCH: found no lib/libtorch_cpu.so there, expected the folder of an unpacked libtorch (with include, lib and share)"
    LIBTORCH=$(cd "$LIBTORCH" && pwd)
    export LIBTORCH
else
    libtorch_files() { ls /usr/lib/*-linux-gnu/libtorch_cpu.so 2>/dev/null || true; }
fi

# What tells one libtorch from another that takes its place.
libtorch_print() { libtorch_files | xargs -r stat -Lc '%n %s %Y'; }

# What the native build needs; the list travels in the NuGet packages too. Another libtorch than Debian's brings its own files.
native_packages() { grep -vx "${LIBTORCH:+libtorch-dev}" "$root/native/packages.txt"; }

# ensure_packages NAME...: installs the Debian packages that are missing, or says how when not root.
ensure_packages() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null || fail "these Debian packages (or your system's like of them) are missing: ${missing[*]}"
    [ "$(id -u)" = 0 ] || fail "packages are missing; run this once, then start again: sudo sh -c '$line'"
    say "installing ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive sh -c "$line" >"$root/build/install.log" 2>&1 ||
        fail "the installation failed; the end of build/install.log says: $(tail -n 3 "$root/build/install.log" | tr '\n' ' ')"
}

ensure_dotnet() {
    command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing (dotnet is not on the PATH); see https://dot.net"
    local version
    version=$(dotnet --version 2>&1) || fail "'dotnet --version' failed: $(head -n 2 <<<"$version" | tr '\n' ' ')"
    case "$version" in
        10.* | [1-9][1-9].*) ;;
        *) fail "found .NET SDK $version, expected 10 or newer" ;;
    esac
}

# The folder of the native libraries: one for each libtorch they are built against.
native_folder() {
    if [ -n "${LIBTORCH:-}" ]; then
        echo "$root/build/native-$(printf '%s' "$LIBTORCH" | cksum | cut -d' ' -f1)"
    else
        echo "$root/build/native"
    fi
}

build_native() {
    local folder log="$root/build/native.log"
    folder=$(native_folder)
    say "building the native libraries (about two minutes the first time)"
    cmake -S "$root/native" -B "$folder" -DCMAKE_BUILD_TYPE=Release >"$log" 2>&1 &&
        cmake --build "$folder" --parallel "$(nproc)" >>"$log" 2>&1 ||
        fail "the native build failed; the first errors of build/native.log: $(grep -m 3 -iE -A 2 'error' "$log" | tr '\n' ' ')"
}

# changed STAMP PATH...: whether anything below the paths is newer than the stamp, or there is no stamp.
changed() {
    local stamp=$1
    shift
    [ ! -e "$stamp" ] || [ -n "$(find "$@" -type f -newer "$stamp" -not -path '*/bin/*' -not -path '*/obj/*' -print -quit)" ]
}

# Whether the native libraries must be built: a source changed, or another libtorch took the place of the one they were built for.
native_is_stale() {
    local folder
    folder=$(native_folder)
    changed "$folder/stamp" "$root/native" || [ "$(cat "$folder/libtorch" 2>/dev/null)" != "$(libtorch_print)" ]
}

ensure_native() {
    local folder
    folder=$(native_folder)
    native_is_stale || return 0
    mkdir -p "$folder"
    touch "$folder/stamp.new"
    ensure_packages $(native_packages)
    # Headers of a package are older than what was built with those of the one before.
    [ ! -e "$folder/libtorch" ] || [ "$(cat "$folder/libtorch")" = "$(libtorch_print)" ] || find "$folder" -mindepth 1 ! -name stamp.new -delete
    build_native
    libtorch_print >"$folder/libtorch"
    mv "$folder/stamp.new" "$folder/stamp"
}
