# A compressor with threads.
needs=(xz)
prepare() { seq 300000 >numbers; }
recorded() {
    under xz -k -f -T2 numbers
    under xz -d -f -k numbers.xz
    under xz -d -c numbers.xz >same
    under xz -t -v numbers.xz
    under xz -d no-such-file.xz || [ $? = 1 ]
}
again() {
    under xz -T3 -1 -f -k numbers
    under xz -d -f numbers.xz
    under xz -c <same >same.xz
}
attacked() { under xz -k -c same >same.xz; }
