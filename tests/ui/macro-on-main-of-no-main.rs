#![no_main]
use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
fn main() {}

#[unsafe(export_name = "main")]
extern "C" fn start() -> i32 {
    0
}
