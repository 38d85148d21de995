use seccomp_runtime::Filter;

macro_rules! filter {
    ($name:ident, $path:literal) => {
        static $name: Filter = seccomp_runtime::include_policy!($path);
    };
}

macro_rules! program {
    ($path:literal, $body:block) => {
        #[seccomp_runtime::policy($path)]
        fn main() $body
    };
}

filter!(WORKER, "policies/no-exec.yaml");

program!("policies/no-exec.yaml", {
    let _installed = WORKER.install();
});
