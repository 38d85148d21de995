//! The macros' own names are none that a descriptor would have.
use core::sync::atomic::AtomicI32;

use seccomp_runtime::{Filter, include_policy};

macro_rules! reports_to {
    ($($name:ident)*) => {
        $(static $name: AtomicI32 = AtomicI32::new(-1);)*
        static FILTERS: &[&Filter] = &[$({
            static FILTER_OF: Filter = include_policy!(
                yaml = "{default_action: allow, syscalls: [{action: trap, names: [reboot]}]}",
                report,
                report_to = $name,
            );
            &FILTER_OF
        }),*];
    };
}

reports_to!(DESCRIPTOR FILTER LOCATOR PROGRAM REPORT);

fn main() {
    assert_eq!(FILTERS.len(), 5);
}
