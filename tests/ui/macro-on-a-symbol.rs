#![no_main]

use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    0
}
