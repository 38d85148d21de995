use seccomp_runtime::policy;

#[policy("crlf-line-ends.yaml")]
fn main() {}
