use seccomp_runtime::{Filter, include_policy};

fn main() {
    static FILTER: Filter = include_policy!("unknown-syscall.yaml");
    let _ = FILTER.install();
}
