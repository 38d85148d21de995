//! The arguments of the macros.
//!
//! `#[policy(…)]` runs without knowing the target and [`compile!`](crate::compile) with it. Each parses its own
//! arguments: the attribute splits off `on_failure`, `static` and `crate`, and passes on the rest as the author wrote
//! it.

use proc_macro2::{Span, TokenStream, TokenTree};
use seccomp_compiler::Refusals;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Token};

use crate::dependency;

#[cfg(test)]
mod tests;

/// The policy that the author names.
pub(crate) enum Source {
    /// `"path"`, relative to the package's `Cargo.toml`.
    File(LitStr),
    /// `yaml = "text"`.
    Inline(LitStr),
}

/// The arguments of `#[policy(…)]`.
pub(crate) struct Attribute {
    pub(crate) source: Source,
    /// The policy and the arguments for `compile!`, unparsed.
    pub(crate) policy: TokenStream,
    pub(crate) on_failure: OnFailure,
    /// The static that holds the filter.
    pub(crate) filter: Ident,
    /// Whether the author names it: `static = NAME`.
    pub(crate) is_named: bool,
    /// The path of the runtime crate.
    pub(crate) runtime: TokenStream,
    /// Whether the author gives that path: `crate = PATH`.
    pub(crate) has_crate: bool,
}

impl Attribute {
    /// The attribute, unless the path of the runtime crate is left out although `Cargo.toml` renames it.
    pub(crate) fn with_known_crate(self) -> syn::Result<Self> {
        match dependency::renamed() {
            Some(name) if !self.has_crate => {
                let message =
                    format!("`seccomp-runtime` is renamed in Cargo.toml: add the argument `crate = {name}`");
                Err(syn::Error::new(Span::call_site(), message))
            }
            _ => Ok(self),
        }
    }
}

/// What a program does if its filter cannot be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    Exit,
    Warn,
}

/// The arguments of `compile!`: `"architecture"; runtime; policy`.
pub(crate) struct Compile {
    /// The name of the architecture; empty on targets without filters.
    pub(crate) architecture: LitStr,
    /// The path of the runtime crate.
    pub(crate) runtime: TokenStream,
    pub(crate) source: Source,
    /// `deny_warnings`: whether warnings about the policy are errors.
    pub(crate) deny_warnings: bool,
    /// `profile = "path"`: how often the program makes each call.
    pub(crate) profile: Option<LitStr>,
    /// `refusals = "…"`: what every refusal becomes.
    pub(crate) refusals: Option<Refusals>,
    /// `report`: how the program reports trapped calls.
    pub(crate) report: Option<Reporting>,
}

pub(crate) struct Reporting {
    /// `report = "…"`: what happens after the report; `None` for `report` alone.
    pub(crate) then: Option<LitStr>,
    /// `report_to = PATH`: the static with a file descriptor.
    pub(crate) descriptor: Option<TokenStream>,
}

impl Source {
    /// The string in the author's code, which errors point to.
    pub(crate) fn literal(&self) -> &LitStr {
        match self {
            Self::File(literal) | Self::Inline(literal) => literal,
        }
    }

    /// The name of the policy in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.value(),
            Self::Inline(_) => "<inline policy>".to_owned(),
        }
    }
}

impl Parse for Source {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::File);
        }
        let expected = "expected the path of a policy, as in `\"policies/server.yaml\"`, or `yaml = \"…\"`";
        if input.is_empty() {
            return Err(syn::Error::new(Span::call_site(), expected));
        }
        let key: Ident = input.parse().map_err(|error| syn::Error::new(error.span(), expected))?;
        if key != "yaml" {
            return Err(syn::Error::new(key.span(), expected));
        }
        input.parse::<Token![=]>()?;
        input.parse().map(Self::Inline)
    }
}

impl Parse for Attribute {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let source = input.fork().parse()?;
        let mut policy = until_comma(input);
        let (mut on_failure, mut filter, mut runtime) = (None, None, None);
        while let Some(key) = next_argument(input)? {
            match key.to_string().as_str() {
                "on_failure" => set(&mut on_failure, &key, input, parse_on_failure)?,
                "static" => set(&mut filter, &key, input, Parse::parse)?,
                "crate" => set(&mut runtime, &key, input, parse_crate)?,
                _ => {
                    let value = until_comma(input);
                    policy.extend(quote::quote!(, #key #value));
                }
            }
        }
        Ok(Self {
            source,
            policy,
            on_failure: on_failure.unwrap_or(OnFailure::Exit),
            is_named: filter.is_some(),
            has_crate: runtime.is_some(),
            filter: filter.unwrap_or_else(|| Ident::new("__SECCOMP_FILTER", Span::mixed_site())),
            runtime: runtime.unwrap_or_else(|| quote::quote!(::seccomp_runtime)),
        })
    }
}

impl Parse for Compile {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let architecture = input.parse()?;
        input.parse::<Token![;]>()?;
        let runtime = parse_path(input)?;
        input.parse::<Token![;]>()?;
        let source = input.parse()?;
        let mut compile = Self {
            architecture,
            runtime,
            source,
            deny_warnings: false,
            profile: None,
            refusals: None,
            report: None,
        };
        while let Some(key) = next_argument(input)? {
            compile.parse_argument(&key, input)?;
        }
        if compile.report.is_some() && compile.refusals.is_some_and(|refusals| refusals != Refusals::Trap) {
            let message = "`report` is about trapped calls: remove it, or write `refusals = \"trap\"`";
            return Err(syn::Error::new(compile.source.literal().span(), message));
        }
        Ok(compile)
    }
}

impl Compile {
    fn parse_argument(&mut self, key: &TokenTree, input: ParseStream<'_>) -> syn::Result<()> {
        let error = |message: &str| Err(syn::Error::new(key.span(), message));
        match (key.to_string().as_str(), &mut self.report) {
            ("deny_warnings", _) if !self.deny_warnings => self.deny_warnings = true,
            ("profile", _) => set(&mut self.profile, key, input, Parse::parse)?,
            ("refusals", _) => set(&mut self.refusals, key, input, parse_refusals)?,
            ("report" | "report_to", _) if !cfg!(feature = "report") => {
                return error(&format!("`{key}` needs the feature `report` of `seccomp-runtime`"));
            }
            ("report", None) => {
                let then = input.parse::<Option<Token![=]>>()?.map(|_| input.parse()).transpose()?;
                self.report = Some(Reporting { then, descriptor: None });
            }
            ("report_to", None) => return error("`report_to` must follow `report`"),
            ("report_to", Some(report)) => set(&mut report.descriptor, key, input, parse_path)?,
            ("deny_warnings" | "report", _) => return Err(given_twice(key)),
            _ => {
                return error(&format!(
                    "unknown argument `{key}`: a policy takes `deny_warnings`, `profile`, `refusals`, \
                     `report` and `report_to`, and `#[policy]` also takes `on_failure`, `static` and `crate`"
                ));
            }
        }
        Ok(())
    }
}

/// The first token of the next argument; `None` at the end, where a comma may be left over.
fn next_argument(input: ParseStream<'_>) -> syn::Result<Option<TokenTree>> {
    if input.is_empty() {
        return Ok(None);
    }
    input.parse::<Token![,]>()?;
    if input.is_empty() { Ok(None) } else { input.parse().map(Some) }
}

/// Parses `= value` for an argument that has not been given before.
fn set<T>(
    argument: &mut Option<T>,
    key: &TokenTree,
    input: ParseStream<'_>,
    parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<()> {
    if argument.is_some() {
        return Err(given_twice(key));
    }
    input.parse::<Token![=]>()?;
    *argument = Some(parse(input)?);
    Ok(())
}

fn given_twice(key: &TokenTree) -> syn::Error {
    syn::Error::new(key.span(), format!("`{key}` is given twice"))
}

fn parse_on_failure(input: ParseStream<'_>) -> syn::Result<OnFailure> {
    let span = input.span();
    match input.parse::<LitStr>().map(|literal| literal.value()).as_deref() {
        Ok("exit") => Ok(OnFailure::Exit),
        Ok("warn") => Ok(OnFailure::Warn),
        _ => Err(syn::Error::new(span, "`on_failure` must be `\"exit\"`, the default, or `\"warn\"`")),
    }
}

fn parse_refusals(input: ParseStream<'_>) -> syn::Result<Refusals> {
    let span = input.span();
    let name = input.parse::<LitStr>().map(|literal| literal.value());
    name.ok().and_then(|name| Refusals::find(&name)).ok_or_else(|| {
        syn::Error::new(span, "`refusals` must be `\"trap\"`, `\"log\"` or `\"kill_process\"`")
    })
}

/// The path of the runtime crate, which other macros take as a string.
fn parse_crate(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let Ok(text) = input.fork().parse::<LitStr>() else { return parse_path(input) };
    let message = format!("write the path of the crate without quotes: `crate = {}`", text.value());
    Err(syn::Error::new(text.span(), message))
}

/// The tokens of a path. Whether it leads anywhere is for rustc to say.
fn parse_path(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let path = until_comma(input);
    if path.is_empty() { Err(input.error("expected a path")) } else { Ok(path) }
}

/// The tokens before the next comma or semicolon.
fn until_comma(input: ParseStream<'_>) -> TokenStream {
    let next = || {
        if input.peek(Token![,]) || input.peek(Token![;]) { None } else { input.parse::<TokenTree>().ok() }
    };
    std::iter::from_fn(next).collect::<TokenStream>()
}
