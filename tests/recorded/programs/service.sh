# A tokio service with its test suite, of which only the service is recorded.
needs=(cargo)
prepare() {
    fixture test -p service --no-run
    suite=$(find "$built/deps" -name 'clients-*' -type f -perm -u+x -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
    only=(--only service --verify)
}
recorded() {
    if [ "$turn" = record ]; then under "$suite" -q >suite; else again; fi
}
again() {
    mkdir -p kept
    under "$built/service" kept >address &
    local server=$! address pid
    until_said : address
    address=$(cat address)
    pid=$(pgrep -f "^$built/service $PWD/kept$|^$built/service kept$" | tail -n 1)
    exec 3<>"/dev/tcp/${address%:*}/${address#*:}"
    printf 'set one first line\nget one\nlist\nwait 5\nget none\n' >&3
    head -n 5 <&3 >answers
    exec 3>&-
    kill "$pid"
    wait "$server"
}
attacked() { again; }
