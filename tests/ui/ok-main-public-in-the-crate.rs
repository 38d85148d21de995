use seccomp_runtime::policy;

#[policy("policies/no-exec.yaml")]
#[expect(unused_variables, reason = "attributes stay with the body")]
pub(crate) fn main() {
    let number = 1;
}
