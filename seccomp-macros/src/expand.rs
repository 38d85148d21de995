//! What the macros emit. Paths are absolute and nothing is unsafe, so that it compiles in any crate.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use seccomp_compiler::{
    Architecture, Compiled, Diagnostics, Instruction, TABLE_VERSION, check_syntax, compile as compile_policy,
};

use crate::input::{Attribute, Compile, OnFailure, Source};
use crate::load::{Loaded, load};
use crate::main_function::MainFunction;

/// A `main` that installs the filter and then calls the author's own, with whatever attributes that one has.
pub(crate) fn policy(attribute: &Attribute, main: &MainFunction) -> TokenStream {
    let runtime = &attribute.runtime;
    let filter = select(runtime, &attribute.source);
    let policy = attribute.source.name();
    let name = &attribute.name;
    let install = match attribute.on_failure {
        OnFailure::Exit => quote!(install_or_exit),
        OnFailure::Warn => quote!(install_or_warn),
    };
    let MainFunction { before, output, body, span } = main;
    quote_spanned! {*span=>
        static #name: #runtime::Filter = #filter;
        fn main() #output {
            #before fn main() #output #body
            #runtime::__private::#install(&#name, #policy);
            main()
        }
    }
}

/// The attribute where or how it does not belong, beside an item that stands in, so that one mistake is one error.
pub(crate) fn misuse(error: &syn::Error, item: TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#error #item)
}

/// An expression for the filter: one `compile!` for each architecture under its `cfg`, of which one is left.
pub(crate) fn select(runtime: &TokenStream, source: &Source) -> TokenStream {
    let policy = source.to_tokens();
    let mut predicates: Vec<TokenStream> = Vec::new();
    let mut arms = TokenStream::new();
    for architecture in Architecture::all() {
        let Some(predicate) = architecture.cfg().and_then(|cfg| cfg.parse::<TokenStream>().ok()) else {
            continue;
        };
        let name = architecture.name();
        arms.extend(quote! {
            #[cfg(#predicate)]
            const FILTER: #runtime::Filter = #runtime::__private::compile! { #runtime; #name; #policy };
        });
        predicates.push(predicate);
    }
    quote! {
        {
            #arms
            #[cfg(not(any(#(#predicates),*)))]
            const FILTER: #runtime::Filter = #runtime::__private::compile! { #runtime; ""; #policy };
            FILTER
        }
    }
}

/// An expression for the filter on one architecture; with problems, a compile error for each beside a filter that
/// stands in, so that rustc reports nothing else.
pub(crate) fn compile(input: &Compile) -> TokenStream {
    let runtime = &input.runtime;
    let loaded = match load(&input.source) {
        Ok(loaded) => loaded,
        Err(problems) => return errors(&problems, TokenStream::new(), input),
    };
    let Loaded { file, tracking } = loaded;
    let Some(architecture) = Architecture::find(&input.architecture.value()) else {
        return match check_syntax(&file) {
            Ok(()) => quote!({ #tracking #runtime::__private::unsupported(#TABLE_VERSION) }),
            Err(problems) => errors(&problems, tracking, input),
        };
    };
    match compile_policy(&file, architecture) {
        Ok(compiled) => filter(&compiled, &tracking, runtime),
        Err(problems) => errors(&problems, tracking, input),
    }
}

fn filter(compiled: &Compiled, tracking: &TokenStream, runtime: &TokenStream) -> TokenStream {
    let encoded = compiled.program.program().instructions.iter().map(|instruction| {
        let Instruction { code, jt, jf, k } = *instruction;
        let bits = u64::from(code) << 48 | u64::from(jt) << 40 | u64::from(jf) << 32 | u64::from(k);
        Literal::u64_unsuffixed(bits)
    });
    let length = Literal::usize_unsuffixed(encoded.len());
    let Compiled { flags, no_new_privs, enabled, .. } = compiled;
    let flags = Literal::u32_unsuffixed(flags.bits());
    quote! {
        {
            #tracking
            static PROGRAM: [#runtime::Instruction; #length] = #runtime::__private::decode([#(#encoded),*]);
            #runtime::__private::filter(&PROGRAM, #flags, #no_new_privs, #enabled, #TABLE_VERSION)
        }
    }
}

fn errors(problems: &Diagnostics, tracking: TokenStream, input: &Compile) -> TokenStream {
    let span = input.source.literal().span();
    let runtime = &input.runtime;
    let more =
        (problems.more() > 0).then(|| format!("{}: {} more problems", input.source.name(), problems.more()));
    let messages = problems.iter().map(ToString::to_string).chain(more);
    let errors = messages.map(|message| quote_spanned!(span=> ::core::compile_error!(#message);));
    quote! {
        {
            #tracking
            #(#errors)*
            #runtime::__private::unsupported(#TABLE_VERSION)
        }
    }
}
