pub struct Server;

impl Server {
    #[seccomp_runtime::policy("policies/no-exec.yaml")]
    pub fn main() {}
}

fn main() {}
