use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::fs::read("/proc/self/status")?;
    Ok(())
}
