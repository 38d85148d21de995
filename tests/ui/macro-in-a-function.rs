fn main() {
    #[seccomp_runtime::policy("policies/no-exec.yaml")]
    fn main() {}
}
