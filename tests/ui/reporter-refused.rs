use core::sync::atomic::AtomicI32;

use seccomp_runtime::policy;

static LOG: AtomicI32 = AtomicI32::new(-1);

#[policy("reporter-refused.yaml", report, report_to = LOG)]
fn main() {
    let _log = &LOG;
}
