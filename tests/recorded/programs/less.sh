# A pager on a terminal.
needs=(less script)
prepare() { seq 500 >numbers && seq 3000 3900 >more; }
recorded() {
    screen ' G/42\n\nq' less numbers
    screen 'q' less no-such-file || true
}
again() { screen 'jjG?30\n\ngdduq' less more; }
attacked() { screen q less numbers; }
