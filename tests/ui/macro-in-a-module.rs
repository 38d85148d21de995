#![allow(dead_code)]

mod server {
    #[seccomp_runtime::policy("policies/no-exec.yaml")]
    pub fn main() {}
}

fn main() {}
