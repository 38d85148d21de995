# ripgrep in folders, in a pipe, and in vain; with threads and without.
needs=(rg)
prepare() {
    for file in {1..20}; do seq "$file" 2000 >"file$file.txt"; done
}
recorded() {
    under rg -n 42 . >found
    seq 1000 | under rg -c 7 >found
    under rg --threads 1 --sort path -l 99 >found
    under rg absent file1.txt || [ $? = 1 ]
    under rg 1 no-such-folder 2>/dev/null || [ $? = 2 ]
}
again() {
    under rg --json -i 'l|1{3}' file1.txt . >found
    under rg --files >found
    under rg -U -o '9\n10' . >found
}
attacked() { under rg -c 42 file1.txt >found; }
