//! The tokens that the macros emit. Their paths are absolute and nothing is unsafe, so that they compile in any crate.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use seccomp_compiler::{
    Architecture, Compiled, Compiler, Diagnostics, Profile, Program, Report, ReportTo, Reporter,
    TABLE_VERSION, Then, visible,
};
use syn::LitStr;

use crate::input::{Attribute, Compile, OnFailure, Reporting};
use crate::load::{file, load, read, tracking};
use crate::main_function::MainFunction;

/// A `main` that installs the filter and then calls the author's own, which keeps its attributes.
pub(crate) fn policy(attribute: &Attribute, main: &MainFunction) -> TokenStream {
    let Attribute { source, policy, on_failure, filter, is_named, runtime, .. } = attribute;
    let MainFunction { visibility, before, arguments, output, body, span } = main;
    let install = match on_failure {
        OnFailure::Exit => quote!(install_or_exit),
        OnFailure::Warn => quote!(install_or_warn),
    };
    let not_installed = format!("seccomp: cannot install the filter of {}: ", visible(&source.name()));
    let filter_static = quote_spanned! {*span=>
        static #filter: #runtime::Filter = #runtime::__compile! { #runtime; #policy };
    };
    // A static that the author names is for the whole module; any other stays out of it, and of a surrounding `impl`.
    let (beside, within) = if *is_named { (Some(filter_static), None) } else { (None, Some(filter_static)) };
    quote_spanned! {*span=>
        #beside
        // What nothing calls would compile and never install the filter. rustc knows whether something does: it calls
        // the `main` at the root of a program that is not `#![no_main]`.
        #[deny(dead_code, reason = #NEVER_CALLED)]
        #visibility fn main #arguments #output {
            #within
            #before fn main #arguments #output #body
            #runtime::__private::#install(&#filter, #not_installed);
            main()
        }
    }
}

const NEVER_CALLED: &str = "`#[policy]` installs the filter when `main` is called, and nothing calls this one: the program \
                            starts elsewhere, because of `#![no_main]` or because this is not the `main` at its root, as \
                            in a library; install the filter there with `include_policy!(…)` and `.install()`";

/// The error for a misused attribute, and the item in its place, so that one mistake is one error.
pub(crate) fn misuse(error: &syn::Error, item: TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#error #item)
}

/// The runtime crate's `__compile!`, once for each architecture behind its `cfg`, and once for targets without filters:
/// every target selects exactly one.
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

/// An expression for the filter on one architecture. Errors come with an expression of the same type, so that rustc
/// reports nothing else.
pub(crate) fn compile(input: &Compile) -> TokenStream {
    filter(input).unwrap_or_else(|errors| {
        let unsupported = unsupported(&input.runtime);
        quote!({ #errors #unsupported })
    })
}

/// An expression for the filter, or compile errors.
fn filter(input: &Compile) -> Result<TokenStream, TokenStream> {
    let source = &input.source;
    let errors = |problems: Diagnostics| errors(&problems, &source.name(), source.literal().span());
    let policy = load(source).map_err(errors)?;
    let profile = input.profile.as_ref().map(profile).transpose()?;
    let Some(architecture) = Architecture::find(&input.architecture.value()) else {
        let tracking = tracking(input, &Compiler::check(&policy, &read).map_err(errors)?);
        let unsupported = unsupported(&input.runtime);
        return Ok(quote!({ const _: () = { #tracking }; #unsupported }));
    };
    let mut compiler = Compiler::for_architecture(architecture).loader(&read);
    if let Some(report) = &input.report {
        let reporter = reporter(report, architecture).map_err(|error| error.to_compile_error())?;
        compiler = compiler.reporter(reporter);
    }
    if let Some(profile) = &profile {
        compiler = compiler.profile(profile);
    }
    if let Some(refusals) = input.refusals {
        compiler = compiler.refusals(refusals);
    }
    let compiled = compiler.compile(&policy).map_err(errors)?;
    if input.deny_warnings {
        let warnings = compiled.warnings();
        if !warnings.is_empty() {
            return Err(errors(warnings));
        }
    }
    Ok(proved(&compiled, input))
}

fn profile(path: &LitStr) -> Result<Profile, TokenStream> {
    let name = path.value();
    let profile = file(&name).map_err(|reason| Profile::unreadable(&name, reason));
    let profile = profile.and_then(|file| Profile::parse(&file));
    profile.map_err(|problems| errors(&problems, &name, path.span()))
}

fn reporter(report: &Reporting, architecture: &'static Architecture) -> syn::Result<Reporter> {
    let then = match &report.then {
        None => Then::KillProcess,
        Some(text) => Then::parse(&text.value(), architecture)
            .map_err(|message| syn::Error::new(text.span(), format!("`report`: {message}")))?,
    };
    let to = report.descriptor.as_ref().map_or(ReportTo::StandardError, |_| ReportTo::AnyDescriptor);
    Ok(Reporter::new(then).to(to))
}

/// The filter of a compiled policy.
fn proved(compiled: &Compiled, input: &Compile) -> TokenStream {
    let runtime = &input.runtime;
    let tracking = tracking(input, &compiled.sources);
    let program = program(runtime, "__SECCOMP_PROGRAM", &tracking, compiled.program());
    let Compiled { flags, no_new_privs, enabled, .. } = compiled;
    let flags = Literal::u32_unsuffixed(flags.bits());
    let only_logs = compiled.refusals.is_some_and(|refusals| !refusals.refuses());
    let filter = quote! {
        #runtime::__private::filter(#runtime::__private::Parts {
            program: &__SECCOMP_PROGRAM,
            flags: #flags,
            no_new_privs: #no_new_privs,
            enabled: #enabled,
            only_logs: #only_logs,
            table_version: #TABLE_VERSION,
        })
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

/// The filter of a target that has none.
fn unsupported(runtime: &TokenStream) -> TokenStream {
    quote!(#runtime::__private::unsupported(#TABLE_VERSION))
}

/// A static with the instructions of a program, whose initialiser begins with some statements.
fn program(runtime: &TokenStream, name: &str, statements: &TokenStream, program: &Program) -> TokenStream {
    let bytes = Literal::byte_string(&program.to_bytes());
    let length = Literal::usize_unsuffixed(program.instructions.len());
    let name = Ident::new(name, Span::call_site());
    quote! {
        static #name: [#runtime::Instruction; #length] = {
            #statements
            #runtime::__private::program(*#bytes)
        };
    }
}

/// A static with what the reporter needs.
fn report(runtime: &TokenStream, report: &Report, reporting: &Reporting) -> TokenStream {
    let line_finder =
        program(runtime, "__SECCOMP_LINE_FINDER", &TokenStream::new(), report.line_finder.program());
    let lines: Vec<String> = report.lines.iter().map(ToString::to_string).collect();
    let (lines, families) = (lines.join("\n"), report.families.join("\n"));
    let calls = report.calls.iter().map(|(audit, calls)| quote!((#audit, #calls)));
    // A static with the span of the author's path, so that rustc points there if it has another type.
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
        #line_finder
        #descriptor
        static __SECCOMP_REPORT: #runtime::__private::Report = #runtime::__private::Report {
            line_finder: &__SECCOMP_LINE_FINDER,
            lines: #lines,
            calls: &[#(#calls),*],
            families: #families,
            descriptor: #to,
            then: #runtime::__private::Then::#then,
        };
    }
}

/// One compile error for each problem, which rustc calls an error. The files need not be tracked: cargo builds a crate that failed again.
fn errors(problems: &Diagnostics, file: &str, span: Span) -> TokenStream {
    let file = visible(file);
    let more = (problems.more() > 0).then(|| match problems.more() {
        1 => format!("{file}: 1 more problem"),
        more => format!("{file}: {more} more problems"),
    });
    let messages = problems.iter().map(|problem| format!("{problem:#}")).chain(more);
    messages.map(|message| quote_spanned!(span=> ::core::compile_error!(#message);)).collect()
}
