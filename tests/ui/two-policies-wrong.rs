use seccomp_runtime::{Filter, include_policy, policy};

static WORKER: Filter = include_policy!("unknown-action.yaml");

#[policy("unknown-syscall.yaml")]
fn main() {
    let _ = WORKER.install();
}
