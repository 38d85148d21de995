use seccomp_runtime::policy;

#[policy("byte-order-mark.yaml")]
fn main() {}
