//! The body has another `elsewhere` than the path of the runtime.
use seccomp_runtime::policy;

mod elsewhere {
    pub(super) use seccomp_runtime as runtime;
}

#[policy("policies/no-exec.yaml", crate = elsewhere::runtime)]
fn main() {
    mod elsewhere {
        pub(super) const VALUE: u8 = 3;
    }
    assert_eq!(elsewhere::VALUE, 3);
}
