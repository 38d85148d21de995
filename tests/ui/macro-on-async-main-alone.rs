use seccomp_runtime::policy;

/// A comment is an attribute, but no runtime.
#[policy("policies/no-exec.yaml")]
async fn main() {}
