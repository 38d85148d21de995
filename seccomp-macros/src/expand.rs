//! What the macros emit. Paths are absolute and nothing is unsafe, so that it compiles in any crate.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use seccomp_compiler::{
    Architecture, Compiled, Compiler, Diagnostics, Program, Report, Reporter, TABLE_VERSION, Then,
};

use crate::input::{Attribute, Compile, OnFailure, Reporting};
use crate::load::{load, read, tracking};
use crate::main_function::MainFunction;

/// A `main` that installs the filter and then calls the author's own, which keeps its attributes.
pub(crate) fn policy(attribute: &Attribute, main: &MainFunction) -> TokenStream {
    let Attribute { source, policy, on_failure, filter, runtime } = attribute;
    let MainFunction { visibility, before, arguments, output, body, span } = main;
    let install = match on_failure {
        OnFailure::Exit => quote!(install_or_exit),
        OnFailure::Warn => quote!(install_or_warn),
    };
    let not_installed = format!("seccomp: cannot install the filter of {}: ", source.name());
    quote_spanned! {*span=>
        static #filter: #runtime::Filter = #runtime::__compile! { #runtime; #policy };
        #visibility fn main #arguments #output {
            #before fn main #arguments #output #body
            #runtime::__private::#install(&#filter, #not_installed);
            main()
        }
    }
}

/// The attribute where or how it does not belong, beside an item that stands in, so that one mistake is one error.
pub(crate) fn misuse(error: &syn::Error, item: TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#error #item)
}

/// The runtime crate's `__compile!`, once for each architecture under its `cfg`, of which one is left.
pub(crate) fn targets() -> TokenStream {
    let mut predicates: Vec<TokenStream> = Vec::new();
    let mut macros = TokenStream::new();
    for architecture in Architecture::all() {
        let Some(predicate) = architecture.cfg().and_then(|cfg| cfg.parse::<TokenStream>().ok()) else {
            continue;
        };
        macros.extend(compile_on(&predicate, architecture.name()));
        predicates.push(predicate);
    }
    macros.extend(compile_on(&quote!(not(any(#(#predicates),*))), ""));
    macros
}

fn compile_on(predicate: &TokenStream, architecture: &str) -> TokenStream {
    quote! {
        #[cfg(#predicate)]
        #[doc(hidden)]
        #[macro_export]
        macro_rules! __compile {
            ($($input:tt)*) => { $crate::__private::compile! { #architecture; $($input)* } };
        }
    }
}

/// An expression for the filter on one architecture; with problems, a compile error for each beside a filter that
/// stands in, so that rustc reports nothing else.
pub(crate) fn compile(input: &Compile) -> TokenStream {
    let runtime = &input.runtime;
    let file = match load(&input.source) {
        Ok(file) => file,
        Err(problems) => return errors(&problems, input),
    };
    let Some(architecture) = Architecture::find(&input.architecture.value()) else {
        return match Compiler::check(&file, &read) {
            Ok(sources) => {
                let tracking = tracking(&input.source, &sources);
                quote!({ const _: () = { #tracking }; #runtime::__private::unsupported(#TABLE_VERSION) })
            }
            Err(problems) => errors(&problems, input),
        };
    };
    let compiled = match &input.report {
        None => Compiler::for_architecture(architecture).loader(&read).compile(&file),
        Some(report) => match reporter(report, architecture) {
            Ok(reporter) => {
                Compiler::for_architecture(architecture).loader(&read).reporter(reporter).compile(&file)
            }
            Err(error) => {
                let error = error.to_compile_error();
                return quote!({ #error; #runtime::__private::unsupported(#TABLE_VERSION) });
            }
        },
    };
    let checked = compiled.and_then(|compiled| {
        let warnings = if input.deny_warnings { compiled.warnings() } else { Diagnostics::default() };
        if warnings.is_empty() { Ok(compiled) } else { Err(warnings) }
    });
    match checked {
        Ok(compiled) => filter(&compiled, input),
        Err(problems) => errors(&problems, input),
    }
}

fn reporter(report: &Reporting, architecture: &'static Architecture) -> syn::Result<Reporter> {
    let then = match &report.then {
        None => Then::KillProcess,
        Some(text) => Then::parse(&text.value(), architecture)
            .map_err(|message| syn::Error::new(text.span(), format!("`report`: {message}")))?,
    };
    Ok(Reporter { then, descriptor: report.descriptor.is_some() })
}

fn filter(compiled: &Compiled, input: &Compile) -> TokenStream {
    let runtime = &input.runtime;
    let tracking = tracking(&input.source, &compiled.sources);
    let program = program(runtime, "__SECCOMP_PROGRAM", &tracking, compiled.program());
    let Compiled { flags, no_new_privs, enabled, .. } = compiled;
    let flags = Literal::u32_unsuffixed(flags.bits());
    let filter = quote! {
        #runtime::__private::filter(&__SECCOMP_PROGRAM, #flags, #no_new_privs, #enabled, #TABLE_VERSION)
    };
    let filter = match (&compiled.report, &input.report) {
        (Some(report), Some(reporting)) => {
            let report = self::report(runtime, report, reporting);
            quote!(#report #runtime::__private::reporting(#filter, &__SECCOMP_REPORT))
        }
        _ => filter,
    };
    quote!({ #program #filter })
}

/// A static of this name with the instructions, after these statements.
fn program(runtime: &TokenStream, name: &str, before: &TokenStream, program: &Program) -> TokenStream {
    let bytes = Literal::byte_string(&program.to_bytes());
    let length = Literal::usize_unsuffixed(program.instructions.len());
    let name = Ident::new(name, Span::call_site());
    quote! {
        static #name: [#runtime::Instruction; #length] = { #before #runtime::__private::program(*#bytes) };
    }
}

/// A static with what the reporter needs.
fn report(runtime: &TokenStream, report: &Report, reporting: &Reporting) -> TokenStream {
    let locator = program(runtime, "__SECCOMP_LOCATOR", &TokenStream::new(), report.locator.program());
    let lines = report.lines.join("\n");
    let calls = report.calls.iter().map(|(audit, calls)| quote!((#audit, #calls)));
    // A static of its own, where the author's words stand, so that rustc complains there of another type.
    let descriptor = reporting.descriptor.as_ref().map(|path| {
        let span = path.clone().into_iter().next().map_or_else(Span::call_site, |first| first.span());
        quote_spanned!(span=> static __SECCOMP_DESCRIPTOR: &::core::sync::atomic::AtomicI32 = &#path;)
    });
    let to = match descriptor {
        Some(_) => quote!(::core::option::Option::Some(__SECCOMP_DESCRIPTOR)),
        None => quote!(::core::option::Option::None),
    };
    let then = match report.then {
        Then::KillProcess => quote!(KillProcess),
        Then::Exit(status) => quote!(Exit(#status)),
        Then::Errno(errno) => quote!(Errno(#errno)),
    };
    quote! {
        #locator
        #descriptor
        static __SECCOMP_REPORT: #runtime::__private::Report = #runtime::__private::report(
            &__SECCOMP_LOCATOR, #lines, &[#(#calls),*], #to, #runtime::__private::Then::#then,
        );
    }
}

/// One compile error for each problem. Nothing need be watched: a crate that failed is compiled again.
fn errors(problems: &Diagnostics, input: &Compile) -> TokenStream {
    let source = &input.source;
    let span = source.literal().span();
    let runtime = &input.runtime;
    let more = (problems.more() > 0).then(|| format!("{}: {} more problems", source.name(), problems.more()));
    let messages = problems.iter().map(ToString::to_string).chain(more);
    let errors = messages.map(|message| quote_spanned!(span=> ::core::compile_error!(#message);));
    quote! {
        {
            #(#errors)*
            #runtime::__private::unsupported(#TABLE_VERSION)
        }
    }
}
