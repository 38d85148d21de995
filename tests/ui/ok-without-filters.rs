//! What `include_policy!` is on a target without filters.
use seccomp_runtime::{__private, Filter};

static FILTER: Filter = __private::compile! { ""; ::seccomp_runtime; "policies/no-exec.yaml" };

fn main() {
    assert!(FILTER.instructions().is_empty());
}
