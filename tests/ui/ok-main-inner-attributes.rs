use seccomp_runtime::policy;

#[policy(yaml = "{default_action: allow, syscalls: [{action: errno, names: [execve, execveat]}]}")]
fn main() {
    #![allow(unused_variables)]
    let unused = 0;
}
