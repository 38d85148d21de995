use seccomp_runtime::{Filter, include_policy};

static FILTER: Filter = include_policy!("policies/no-exec.yaml", report);

fn main() {
    let _filter = &FILTER;
}
