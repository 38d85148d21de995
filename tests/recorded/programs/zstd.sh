# A compressor with threads.
needs=(zstd)
prepare() { seq 300000 >numbers; }
recorded() {
    touch numbers.zst
    under zstd -q -k -f -T2 numbers
    under zstd -q -d -f numbers.zst
    under zstd -d -c numbers.zst >same
    under zstd -t numbers.zst
    under zstd -d no-such-file.zst || [ $? = 1 ]
}
again() {
    under zstd -q -T3 -9 -f -k numbers
    under zstd -q -d -f numbers.zst
    under zstd -c <same >same.zst
}
attacked() { under zstd -k -c same >same.zst; }
