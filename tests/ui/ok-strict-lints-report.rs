//! Warnings of rustc are errors here, also those that are off by default.
#![deny(warnings, missing_docs, unreachable_pub, unused, let_underscore_drop, missing_debug_implementations)]
#![deny(nonstandard_style, rust_2018_idioms, single_use_lifetimes, trivial_casts, trivial_numeric_casts)]
#![deny(
    unused_qualifications,
    unused_results,
    unsafe_op_in_unsafe_fn,
    unused_import_braces,
    variant_size_differences
)]
#![deny(
    missing_copy_implementations,
    unused_lifetimes,
    redundant_imports,
    unnameable_types,
    elided_lifetimes_in_paths
)]
#![forbid(unsafe_code)]

use core::sync::atomic::AtomicI32;

use seccomp_runtime::policy;

static REPORTS: AtomicI32 = AtomicI32::new(-1);

/// The attribute brings a handler with it.
#[policy(
    yaml = "{default_action: allow, syscalls: [{action: trap, names: [reboot]}]}",
    report = "exit(9)",
    report_to = REPORTS,
)]
fn main() {}
