use seccomp_runtime::policy;

fn serve() -> u8 {
    0
}

#[policy("policies/no-exec.yaml", on_failure = "abort")]
fn main() -> std::process::ExitCode {
    serve().into()
}
