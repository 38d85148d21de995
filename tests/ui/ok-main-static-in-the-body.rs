use seccomp_runtime::policy;

mod elsewhere {
    pub(super) use seccomp_runtime as runtime;
}

/// What the filter is and where the runtime is, the body has other words for.
#[policy("policies/no-exec.yaml", static = FILTER, crate = elsewhere::runtime)]
fn main() {
    const FILTER: u8 = 3;
    mod elsewhere {
        pub(super) const VALUE: u8 = 3;
    }
    assert_eq!(FILTER, elsewhere::VALUE);
}
