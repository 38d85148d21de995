# ripgrep with its own test suite, from its sources in the folder `RIPGREP`. The suite itself is not recorded. With `-z` and
# `--pre`, which it tests, ripgrep starts programs, so a shell is nothing that its policy can refuse.
needs=(cargo)
allowed=shell
prepare() {
    [ -n "${RIPGREP:-}" ] || { echo "SKIPPED: grep-suite: RIPGREP does not name the folder of its sources" >&2; return 3; }
    (cd "$RIPGREP" && cargo test --no-run >log 2>&1) || { cat "$RIPGREP/log" >&2; return 1; }
    rg=$RIPGREP/target/debug/rg
    suite=$(find "$RIPGREP/target/debug/deps" -name 'integration-*' -type f -perm -u+x -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
    only=(--only rg --verify)
}
recorded() {
    if [ "$turn" = record ]; then under "$suite" -q >suite; else again; fi
}
again() { under "$rg" -n --hidden needs "$here" >found; }
attacked() { again; }
