//! The macros of `seccomp-runtime`, which re-exports them; depend on that crate, not on this one.
//!
//! A macro runs on the host and cannot ask for the target, but the runtime crate is compiled for it. So [`targets!`]
//! gives that crate a macro for each architecture under its `cfg`, of which the target's own is left; it calls
//! [`compile!`] with the architecture's name.
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

use crate::input::{Attribute, Compile};
use crate::main_function::MainFunction;

#[expect(missing_docs, reason = "seccomp-runtime documents it where it re-exports it")]
#[proc_macro_attribute]
pub fn policy(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    match (syn::parse::<Attribute>(attribute), MainFunction::find(item.clone())) {
        (Ok(attribute), Ok(main)) => expand::policy(&attribute, &main).into(),
        (Err(error), Ok(_)) => expand::misuse(&error, item).into(),
        (Ok(_) | Err(_), Err(error)) => expand::misuse(&error, main_function::stand_in(item)).into(),
    }
}

/// The macro of the runtime crate that compiles for its target.
#[doc(hidden)]
#[proc_macro]
pub fn targets(_: TokenStream) -> TokenStream {
    expand::targets().into()
}

/// The filter of a policy on one architecture.
#[doc(hidden)]
#[proc_macro]
pub fn compile(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as Compile);
    expand::compile(&input).into()
}
