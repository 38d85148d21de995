//! try
use seccomp_runtime::policy;
#[policy("policies/quickstart.yaml")]
fn main() {
    println!("{}", std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l| l.starts_with("Seccomp:")).unwrap());
}
