# Python's own tests of some of its modules, and a script that attacks in Python's own words.
needs=(python3)
prepare() {
    python=$(python3 -c 'import sys; print(sys.executable)')
    "$python" -c 'import test.test_struct' 2>/dev/null || { echo "SKIPPED: python3: its tests are not installed" >&2; return 3; }
}
recorded() {
    under "$python" -m unittest -q test.test_zlib test.test_glob test.test_selectors test.test_mmap
    under "$python" -c 'import os; print(os.getpid())' >pid
}
again() {
    under "$python" -m unittest -q test.test_selectors test.test_csv test.test_lzma
    under "$python" -c 'import glob, json, sys; json.dump(sorted(glob.glob("/usr/*")), sys.stdout)' >listed
}
attacked() {
    under "$python" "$here/hostile.py"
}
