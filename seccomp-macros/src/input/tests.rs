//! Each argument arrives where it is parsed, as the author wrote it.

use proc_macro2::TokenStream;
use quote::quote;
use seccomp_compiler::Refusals;

use super::{Attribute, Compile, OnFailure, Source};

fn attribute(arguments: TokenStream) -> Attribute {
    syn::parse2(arguments).unwrap_or_else(|error| panic!("the attribute's arguments: {error}"))
}

/// What `compile!` parses of an attribute with these arguments.
fn compile(arguments: TokenStream) -> syn::Result<Compile> {
    let Attribute { policy, runtime, .. } = attribute(arguments);
    syn::parse2(quote!("x86_64"; #runtime; #policy))
}

fn compiled(arguments: TokenStream) -> Compile {
    compile(arguments).unwrap_or_else(|error| panic!("the compiler's arguments: {error}"))
}

fn error(arguments: TokenStream) -> String {
    compile(arguments).err().expect("it is an error").to_string()
}

#[test]
fn a_policy_is_a_path_or_yaml() {
    assert!(
        matches!(compiled(quote!("server.yaml")).source, Source::File(path) if path.value() == "server.yaml")
    );
    assert!(matches!(compiled(quote!("server.yaml",)).source, Source::File(_)));
    assert!(matches!(compiled(quote!(yaml = "a: b")).source, Source::Inline(text) if text.value() == "a: b"));
    assert_eq!(attribute(quote!("server.yaml", static = FILTER)).source.name(), "server.yaml");
    assert_eq!(attribute(quote!(yaml = "a: b", static = FILTER)).source.name(), "<inline policy>");
}

#[test]
fn the_attribute_keeps_its_own_arguments() {
    let kept = attribute(quote!("a.yaml", crate = a::b, on_failure = "warn", static = FILTER));
    assert_eq!(kept.runtime.to_string(), quote!(a::b).to_string());
    assert_eq!(kept.on_failure, OnFailure::Warn);
    assert_eq!(kept.filter, "FILTER");
    assert_eq!(kept.policy.to_string(), quote!("a.yaml").to_string());

    let defaults = attribute(quote!("a.yaml", deny_warnings));
    assert_eq!(defaults.runtime.to_string(), quote!(::seccomp_runtime).to_string());
    assert_eq!(defaults.on_failure, OnFailure::Exit);
}

#[test]
fn all_others_are_passed_on_as_they_are() {
    let written =
        quote!(yaml = "a: b", deny_warnings, report = "exit(3)", report_to = crate::a::REPORTS, other(1, 2));
    assert_eq!(attribute(written.clone()).policy.to_string(), written.to_string());
    let mixed = quote!("a.yaml", on_failure = "exit", deny_warnings, static = FILTER, report, crate = a,);
    assert_eq!(attribute(mixed).policy.to_string(), quote!("a.yaml", deny_warnings, report).to_string());
}

#[test]
fn deny_warnings_is_off_unless_given() {
    assert!(!compiled(quote!("a.yaml", on_failure = "warn")).deny_warnings);
    assert!(compiled(quote!("a.yaml", on_failure = "warn", deny_warnings)).deny_warnings);
}

#[test]
fn a_profile_is_a_path() {
    assert!(compiled(quote!("a.yaml")).profile.is_none());
    let profile = compiled(quote!("a.yaml", static = FILTER, profile = "a.profile.yaml")).profile;
    assert_eq!(profile.map(|path| path.value()).as_deref(), Some("a.profile.yaml"));
    assert_eq!(error(quote!("a.yaml", profile = "a", profile = "b")), "`profile` is given twice");
}

#[test]
fn refusals_are_one_of_three_actions() {
    assert!(compiled(quote!("a.yaml")).refusals.is_none());
    for refusals in Refusals::ALL {
        let name = refusals.name();
        assert_eq!(compiled(quote!("a.yaml", static = A, refusals = #name)).refusals, Some(refusals));
    }
    for wrong in [quote!("a.yaml", refusals = "errno"), quote!("a.yaml", refusals = trap)] {
        assert!(error(wrong).starts_with("`refusals` must be"));
    }
}

#[test]
fn a_crate_in_quotes_is_met_with_the_path() {
    let wrong = syn::parse2::<Attribute>(quote!("a.yaml", crate = "a::b")).err().expect("it is an error");
    assert_eq!(wrong.to_string(), "write the path of the crate without quotes: `crate = a::b`");
}

#[test]
fn the_runtime_crate_comes_with_the_policy() {
    assert_eq!(compiled(quote!("a.yaml", crate = a::b)).runtime.to_string(), quote!(a::b).to_string());
}

#[cfg(feature = "report")]
#[test]
fn a_report_has_its_value_and_its_descriptor() {
    assert!(compiled(quote!("a.yaml")).report.is_none());
    let plain = compiled(quote!("a.yaml", report)).report.expect("there is a report");
    assert!(plain.then.is_none() && plain.descriptor.is_none());
    let full = quote!("a.yaml", report = "exit(3)", static = FILTER, report_to = crate::a::REPORTS);
    let full = compiled(full).report.expect("there is a report");
    assert_eq!(full.then.map(|then| then.value()).as_deref(), Some("exit(3)"));
    let descriptor = full.descriptor.map(|path| path.to_string());
    assert_eq!(descriptor, Some(quote!(crate::a::REPORTS).to_string()));
}

#[cfg(not(feature = "report"))]
#[test]
fn a_report_needs_its_feature() {
    assert!(error(quote!("a.yaml", report)).contains("needs the feature `report`"));
    assert!(error(quote!("a.yaml", report_to = LOG)).contains("needs the feature `report`"));
}

#[test]
fn an_argument_is_given_once() {
    assert_eq!(error(quote!("a.yaml", deny_warnings, deny_warnings)), "`deny_warnings` is given twice");
    for twice in [
        quote!("a.yaml", on_failure = "warn", on_failure = "warn"),
        quote!("a.yaml", static = A, static = B),
        quote!("a.yaml", crate = a, crate = b),
    ] {
        assert!(syn::parse2::<Attribute>(twice.clone()).is_err(), "{twice}");
    }
}
