//! The macros of `seccomp-runtime`, which re-exports them; depend on that crate, not on this one.
//!
//! Nothing can ask a macro's host for the target, but `cfg` is decided before inner macros expand. So the outer macro
//! emits one call of [`compile!`] for each architecture under its `cfg`; rustc keeps the target's own, and only
//! that one reads, compiles and proves the policy.
//!
//! | module | does |
//! |---|---|
//! | `input` | the macros' own arguments |
//! | `main_function` | finds the parts of `fn main` |
//! | `load` | reads the policy |
//! | `expand` | a compiled policy, or its problems, to tokens |
#![forbid(unsafe_code)]

mod expand;
mod input;
mod load;
mod main_function;

use proc_macro::TokenStream;
use syn::parse_macro_input;

use crate::input::{Attribute, Compile, Select};
use crate::main_function::MainFunction;

/// See `seccomp_runtime::policy`.
#[proc_macro_attribute]
pub fn policy(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    match (syn::parse::<Attribute>(attribute), MainFunction::find(item.clone())) {
        (Ok(attribute), Ok(main)) => expand::policy(&attribute, &main).into(),
        (Err(error), Ok(_)) => expand::misuse(&error, item).into(),
        (Ok(_) | Err(_), Err(error)) => expand::misuse(&error, main_function::stand_in(item)).into(),
    }
}

/// One `compile!` for each architecture; `include_policy!` expands to this.
#[doc(hidden)]
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as Select);
    expand::select(&input.runtime, &input.policy).into()
}

/// The filter of a policy on one architecture.
#[doc(hidden)]
#[proc_macro]
pub fn compile(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as Compile);
    expand::compile(&input).into()
}
