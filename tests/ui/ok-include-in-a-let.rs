fn main() {
    let filter = seccomp_runtime::include_policy!("policies/no-exec.yaml");
    filter.install().expect("it is installed");
}
