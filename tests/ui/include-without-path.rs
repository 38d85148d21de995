use seccomp_runtime::{Filter, include_policy};

static FILTER: Filter = include_policy!();

fn main() {
    let _ = FILTER.install();
}
