# lighttpd serves files, and is asked to end.
needs=(lighttpd curl)
prepare() {
    mkdir served && seq 100000 >served/numbers && echo hello >served/index.html
    port=$((20000 + $$ % 20000))
    cat >conf <<-CONF
		server.document-root = "$PWD/served"
		server.port = $port
		server.bind = "127.0.0.1"
		server.pid-file = "$PWD/pid"
		server.errorlog = "$PWD/errors"
		index-file.names = ("index.html")
	CONF
}
serve() {
    rm -f pid
    under lighttpd -D -f conf &
    local server=$!
    until [ -s pid ] && curl -s -o /dev/null "http://127.0.0.1:$port/"; do sleep 0.1; done
    "$@"
    kill -INT "$(cat pid)"
    wait "$server"
}
visits() {
    curl -s "http://127.0.0.1:$port/numbers" | cmp - served/numbers
    curl -s "http://127.0.0.1:$port/[0-9]" -o /dev/null
    curl -s -I "http://127.0.0.1:$port/index.html" >head
}
other_visits() {
    for _ in {1..20}; do curl -s -r 100-2000 "http://127.0.0.1:$port/numbers" >part & done
    curl -s -d posted "http://127.0.0.1:$port/" >posted
    curl -s -H 'If-None-Match: "1"' "http://127.0.0.1:$port/../numbers" >none
}
recorded() { serve visits; }
again() { serve other_visits; }
attacked() { serve visits; }
