#![no_main]

use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
#[unsafe(export_name = "main")]
fn main() {}
