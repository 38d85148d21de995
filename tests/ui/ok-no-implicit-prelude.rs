#![no_implicit_prelude]

static FILTER: ::seccomp_runtime::Filter = ::seccomp_runtime::include_policy!("policies/no-exec.yaml");

#[::seccomp_runtime::policy("policies/no-exec.yaml")]
fn main() {
    let _installed = FILTER.install();
}
