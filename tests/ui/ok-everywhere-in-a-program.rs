use seccomp_runtime::{Filter, include_policy};

const IN_A_CONSTANT: Filter = include_policy!("policies/no-exec.yaml");
static IN_A_STATIC: Filter = include_policy!("policies/no-exec.yaml",);
static FROM_A_CONSTANT: Filter = IN_A_CONSTANT;
static IN_AN_ARRAY: [Filter; 2] =
    [include_policy!("policies/no-exec.yaml"), include_policy!("policies/no-exec.yaml")];

const fn in_a_const_fn() -> Filter {
    include_policy!("policies/no-exec.yaml")
}

fn main() {
    let first = include_policy!("policies/no-exec.yaml");
    let second: &'static Filter = &const { include_policy!("policies/no-exec.yaml") };
    let lengths = [&first, second, &in_a_const_fn(), &IN_A_STATIC, &FROM_A_CONSTANT, &IN_AN_ARRAY[1]];
    assert!(lengths.iter().all(|filter| filter.instructions() == first.instructions()));
}
