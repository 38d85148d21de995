# An editor on a terminal.
needs=(vim script)
prepare() { seq 500 >numbers; }
recorded() {
    screen 'ihello\033:w! one\n:q\n' vim -u NONE -i NONE numbers
    screen ':e one\n:%s/1/x/g\n:wq\n' vim -u NONE -i NONE numbers
}
again() { screen 'ddpyyGp:w! two\n/400\n:q\n' vim -u NONE -i NONE one; }
attacked() { screen ':q\n' vim -u NONE -i NONE numbers; }
