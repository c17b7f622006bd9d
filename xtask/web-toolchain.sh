#!/usr/bin/env bash
# Makes a rustup toolchain that can build wasm32-unknown-unknown from Debian's packages alone, for
# machines on which rustup must not download. Debian's rustc-web is unpacked, not installed (nothing
# in /usr changes but libllvm and lld), and std for wasm32 is compiled here from the matching source.
#
# `cargo xtask` runs it when it is needed, on Debian amd64 only. It reads three variables:
#   WEB_TOOLCHAIN_NAME   the name rustup shall know it by
#   WEB_TOOLCHAIN_DIR    where it shall live
#   WEB_RUST_MIN         oldest Rust that builds this project, e.g. 1.95
set -euo pipefail
name=$WEB_TOOLCHAIN_NAME dir=$WEB_TOOLCHAIN_DIR min=$WEB_RUST_MIN
host=x86_64-unknown-linux-gnu
wasm=wasm32-unknown-unknown
sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
fail() { printf '%s\n' "$@" >&2; exit 1; }

# Two runs at once would unpack over each other: the second waits, then finds the work done.
mkdir -p "$(dirname "$dir")"
exec 9>"$dir.lock"; flock 9
version_of() { "$1" -V 2>/dev/null | cut -d' ' -f2; }
if ls "$dir/lib/rustlib/$wasm/lib/"libcore-*.rlib >/dev/null 2>&1 \
  && dpkg --compare-versions "$(version_of "$dir/bin/rustc")" ge "$min"; then
  rustup toolchain link "$name" "$dir"; exit 0
fi

# 1. The packages. A package list from before the machine's last update may know an older Rust only.
candidate() { apt-cache policy rustc-web | awk '/Candidate:/{print $2}'; }
new_enough() { local v; v=$(candidate); [ -n "$v" ] && [ "$v" != "(none)" ] && dpkg --compare-versions "$v" ge "$min"; }
new_enough || $sudo apt-get update -q
new_enough || fail "Debian's rustc-web is $(candidate), this project needs $min or newer." \
  "Allow rustup to download and run: rustup target add $wasm"
version=$(candidate)
upstream=${version%%+*}                       # 1.96.0
libstd=libstd-rust-web-${upstream%.*}         # libstd-rust-web-1.96
work=$dir.build; rm -rf "$work"; mkdir -p "$work"; trap 'rm -rf "$work"' EXIT
# Owned by root, /var/cache is not for us: apt downloads into the current folder.
( cd "$work" && apt-get download -q "rustc-web=$version" "$libstd=$version" "libstd-rust-web-dev=$version" \
  "rust-web-src=$version" "rust-web-clippy=$version" )
llvm=$(dpkg-deb -f "$work/$libstd"_*.deb Depends | grep -oE 'libllvm[0-9]+' | head -1)   # libllvm22
lld=lld-${llvm#libllvm}
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$llvm" "$lld" gcc libc6-dev
for deb in "$work"/*.deb; do
  case $deb in
    */rust-web-src_*) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work" --wildcards './usr/src/*/library/*' ;;
    *) dpkg-deb -x "$deb" "$work" ;;
  esac
done
source=$(echo "$work"/usr/src/rustc-*/library)

# 2. The folder, laid out as rustup expects it.
rm -rf "$dir"; mkdir -p "$dir/bin" "$dir/lib/rustlib"
cp -a "$work"/usr/lib/x86_64-linux-gnu/librustc_driver-*.so "$dir/lib/"
cp -a "$work/usr/lib/rustlib/$host" "$dir/lib/rustlib/"
cp -a "$work/usr/bin/cargo-clippy" "$dir/bin/"
for tool in rustc rustdoc clippy-driver; do
  cp -a "$work/usr/bin/$tool" "$dir/bin/$tool.real"
  cat > "$dir/bin/$tool" <<'WRAPPER'
#!/bin/sh
d=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH="$d/../lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$d/$(basename "$0").real" "$@"
WRAPPER
  chmod +x "$dir/bin/$tool"
done
mkdir -p "$dir/lib/rustlib/$host/bin"
ln -sf "/usr/bin/$lld" "$dir/lib/rustlib/$host/bin/rust-lld"
# A toolchain without a cargo of its own makes rustup take any other's (nightly's first): say which.
cargo_path=$(RUSTUP_TOOLCHAIN= rustup which cargo)
for tool in cargo cargo-fmt rustfmt; do
  path=$(dirname "$cargo_path")/$tool
  if [ -e "$path" ]; then ln -sf "$path" "$dir/bin/$tool"; fi
done
rustup toolchain link "$name" "$dir"

# 3. std for wasm32, as Rust's own release builds make it. Paths are remapped so that each machine and
# each run gives the same bytes: else an old target/ meets "found possibly newer version of crate core".
( cd "$work"   # Out of reach of the project's .cargo/config.toml.
  env -u CARGO_ENCODED_RUSTFLAGS -u RUSTC -u RUSTC_WRAPPER -u CARGO_BUILD_TARGET RUSTC_BOOTSTRAP=1 \
  RUSTFLAGS="-Zforce-unstable-if-unmarked --remap-path-prefix=$source=/rustc/$upstream/library --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" \
  CARGO_TARGET_DIR="$work/t" cargo "+$name" build --locked --profile dist --target "$wasm" \
  --manifest-path "$source/sysroot/Cargo.toml" --no-default-features --features panic-unwind )

# 4. Proof on a small program; only then the std moves to where a later run looks for it.
built=$dir/lib/rustlib/$wasm
mkdir -p "$built.part/lib"
cp "$work/t/$wasm/dist/deps/"*.rlib "$built.part/lib/"
mv "$built.part" "$built"
cd "$work"
printf '#[no_mangle] pub extern "C" fn f(x: u32) -> usize { format!("{x}").len() }\n' > t.rs
if ! rustc "+$name" --edition 2021 --target "$wasm" --crate-type cdylib -O -C lto=fat -C panic=abort t.rs -o t.wasm; then
  rm -rf "$built"
  fail "the std that was just built for $wasm does not compile a small program: see the lines above."
fi
