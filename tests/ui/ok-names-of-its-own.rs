use seccomp_runtime::policy;

static FILTER: u8 = 1;
static PROGRAM: u8 = 2;

fn install_or_exit() -> u8 {
    3
}

#[policy("policies/no-exec.yaml")]
fn main() {
    let sum: u8 = FILTER + PROGRAM + install_or_exit();
    assert_eq!(sum, 6);
}
