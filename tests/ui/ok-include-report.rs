use core::sync::atomic::AtomicI32;

use seccomp_runtime::{Filter, include_policy};

static REPORTS: AtomicI32 = AtomicI32::new(-1);
static FILTER: Filter = include_policy!("policies/trap.yaml", report = "exit", report_to = REPORTS);

fn main() {
    FILTER.install().expect("it is installed");
}
