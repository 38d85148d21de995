use seccomp_runtime::policy;

#[policy("quoted-line-break.yaml")]
fn main() {}
