use seccomp_runtime::{Filter, include_policy};

static FILTER: Filter = include_policy!("policies/no-exec.yaml" and more);

fn main() {
    let _ = FILTER.install();
}
