use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(7)
}
