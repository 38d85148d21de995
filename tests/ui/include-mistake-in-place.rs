use seccomp_runtime::{Filter, include_policy};

static FILTER: Filter = include_policy!(
    yaml = "
default_action: allow
syscalls:
- action: errno
  names: [opne]
"
);

fn main() {
    let _ = FILTER.install();
}
