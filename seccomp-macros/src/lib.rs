//! The macros of `seccomp-runtime`, which re-exports them: depend on that crate instead of this one.
//!
//! A procedural macro runs on the host and does not know the target. The runtime crate does, as it is compiled for it.
//! So [`targets!`] defines a macro `__compile!` there for each architecture, behind its `cfg`; the one that is left
//! passes the policy to [`compile!`] with the name of its architecture.
//!
//! | module | does |
//! |---|---|
//! | `input` | parses the arguments |
//! | `main_function` | splits `fn main` into its parts |
//! | `load`, `suggest` | reads the policy; which file may be meant where there is none |
//! | `dependency` | whether the runtime crate has another name here |
//! | `expand` | turns a compiled policy, or its problems, into tokens |
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_macros)]

mod dependency;
mod expand;
mod input;
mod load;
mod main_function;
mod suggest;

use proc_macro::TokenStream;
use syn::parse_macro_input;

use crate::input::{Attribute, Compile};
use crate::main_function::MainFunction;

#[expect(missing_docs, reason = "seccomp-runtime documents it where it re-exports it")]
#[proc_macro_attribute]
pub fn policy(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let attribute = syn::parse::<Attribute>(attribute).and_then(|attribute| attribute.with_known_crate());
    match (attribute, MainFunction::parse(item.clone())) {
        (Ok(attribute), Ok(main)) => expand::policy(&attribute, &main).into(),
        (Err(error), Ok(_)) => expand::misuse(&error, item).into(),
        (Ok(_) | Err(_), Err(error)) => expand::misuse(&error, main_function::stand_in(item)).into(),
    }
}

/// Defines `__compile!` of the runtime crate, which compiles for its target.
#[doc(hidden)]
#[proc_macro]
pub fn targets(_: TokenStream) -> TokenStream {
    expand::targets().into()
}

/// An expression for the filter of a policy on one architecture.
#[doc(hidden)]
#[proc_macro]
pub fn compile(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as Compile);
    expand::compile(&input).into()
}
