struct Server;

trait Run {
    fn main();
}

impl Run for Server {
    #[seccomp_runtime::policy("policies/no-exec.yaml")]
    fn main() {}
}

impl Server {
    #[seccomp_runtime::policy("policies/no-exec.yaml")]
    fn main() {}
}

mod server {
    pub fn filter() -> &'static seccomp_runtime::Filter {
        &FILTER
    }

    #[seccomp_runtime::policy("policies/no-exec.yaml", static = FILTER)]
    pub fn main() {}
}

fn main() {
    server::main();
    Server::main();
    <Server as Run>::main();
    assert!(server::filter().is_enabled());
}
