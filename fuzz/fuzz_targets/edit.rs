#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seccomp_tests::fuzz::edit(bytes));
