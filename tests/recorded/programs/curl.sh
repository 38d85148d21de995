# Downloads from a local server, and failures to.
needs=(curl python3)
prepare() {
    mkdir served && seq 100000 >served/numbers
    python3 -u -m http.server 0 --bind 127.0.0.1 --directory served >server 2>&1 &
    trap "kill $!" EXIT
    until_said 'port [0-9]' server
    address=127.0.0.1:$(sed -n 's/.* port \([0-9]*\) .*/\1/p' server)
}
recorded() {
    under curl -s "http://$address/" -o index
    under curl -s "http://localhost:${address#*:}/numbers" -o numbers
    under curl -s -Z "http://$address/numbers" "http://$address/" -o one -o other
    under curl -s http://127.0.0.1:1/ || [ $? = 7 ]
    under curl -s http://no-such-host.invalid/ || [ $? = 6 ]
}
again() {
    under curl -sS -v -I "http://$address/numbers" -o head
    under curl -sS -r 5-50 "http://localhost:${address#*:}/numbers" -o part
    under curl -sS -f "http://$address/absent" || [ $? = 22 ]
}
attacked() { under curl -s "http://$address/" -o index; }
