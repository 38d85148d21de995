//! The policy, compiled in by the attribute, which says why a filter is not in place and exits.
use seccomp_runtime::policy;

#[policy("../../policies/container-default.yaml")]
fn main() {
    let start = std::time::Instant::now();
    peers::report(start, true);
}
