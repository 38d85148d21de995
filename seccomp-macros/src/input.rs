//! The macros' own arguments.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Token};

/// Where a policy is: in a file, or in place.
pub(crate) enum Source {
    /// `"path"`, relative to the package's `Cargo.toml`.
    File(LitStr),
    /// `yaml = "text"`.
    Text(LitStr),
}

/// A policy, and how it is compiled.
pub(crate) struct Wanted {
    pub(crate) source: Source,
    /// Whether its warnings are errors.
    pub(crate) deny_warnings: bool,
    pub(crate) report: Option<Reporting>,
}

/// How the program reports what its filter traps.
pub(crate) struct Reporting {
    /// `report = "…"`, what becomes of the process or the call; `None` for `report` alone.
    pub(crate) then: Option<LitStr>,
    /// `report_to = PATH`, the static with a descriptor.
    pub(crate) descriptor: Option<TokenStream>,
}

/// The arguments of `#[policy(…)]`.
pub(crate) struct Attribute {
    pub(crate) policy: Wanted,
    pub(crate) on_failure: OnFailure,
    /// The name of the static that holds the filter, for a program that has further use for it or a descriptor that
    /// may change.
    pub(crate) name: Option<Ident>,
    /// The path of the runtime crate.
    pub(crate) runtime: TokenStream,
}

/// What a program does whose filter cannot be installed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    Exit,
    Warn,
}

/// The arguments of `compile!`: an architecture by name (none where there are no filters), the runtime crate, and
/// the policy.
pub(crate) struct Compile {
    pub(crate) architecture: LitStr,
    pub(crate) runtime: TokenStream,
    pub(crate) policy: Wanted,
}

impl Source {
    /// The string in the caller's code, where errors point.
    pub(crate) fn literal(&self) -> &LitStr {
        match self {
            Self::File(literal) | Self::Text(literal) => literal,
        }
    }

    /// The source as it is written.
    pub(crate) fn to_tokens(&self) -> TokenStream {
        match self {
            Self::File(literal) => literal.to_token_stream(),
            Self::Text(literal) => quote::quote!(yaml = #literal),
        }
    }

    /// The name of the policy in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.value(),
            Self::Text(_) => "<inline policy>".to_owned(),
        }
    }
}

impl Parse for Source {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::File);
        }
        let expected = "expected the path of a policy, as `\"policies/server.yaml\"`, or `yaml = \"…\"`";
        if input.is_empty() {
            return Err(syn::Error::new(Span::call_site(), expected));
        }
        let wrong = |span| syn::Error::new(span, expected);
        let key: Ident = input.parse().map_err(|error| wrong(error.span()))?;
        if key != "yaml" {
            return Err(wrong(key.span()));
        }
        input.parse::<Token![=]>()?;
        input.parse().map(Self::Text)
    }
}

impl Attribute {
    /// The names that the author gave, which may stand for something else in the body of `main`.
    pub(crate) fn names(&self) -> Vec<Ident> {
        let first = self.runtime.clone().into_iter().next();
        let runtime =
            first.and_then(|first| if let TokenTree::Ident(first) = first { Some(first) } else { None });
        runtime.into_iter().chain(self.name.clone()).collect()
    }
}

impl Parse for Attribute {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut policy = Wanted::new(input.parse()?);
        let mut on_failure = None;
        let mut runtime = None;
        let mut name = None;
        while let Some(key) = next_argument(input)? {
            let known = ["on_failure", "static", "crate"].contains(&key.to_string().as_str());
            if known {
                input.parse::<Token![=]>()?;
            }
            match key.to_string().as_str() {
                "on_failure" if on_failure.is_none() => on_failure = Some(parse_on_failure(input)?),
                "crate" if runtime.is_none() => runtime = Some(parse_path(input)?),
                "static" if name.is_none() => name = Some(input.parse()?),
                _ if known => return Err(twice(&key)),
                _ if policy.parse_argument(&key, input)? => {}
                _ => {
                    let known = "`on_failure`, `deny_warnings`, `report`, `report_to`, `static` and `crate`";
                    let message = format!("unknown argument `{key}`; there are {known}");
                    return Err(syn::Error::new(key.span(), message));
                }
            }
        }
        let changes = policy.report.as_ref().is_some_and(|report| report.descriptor.is_some());
        let unnamed = || changes.then(|| Ident::new("__SECCOMP_FILTER", Span::mixed_site()));
        Ok(Self {
            name: name.or_else(unnamed),
            policy,
            on_failure: on_failure.unwrap_or(OnFailure::Exit),
            runtime: runtime.unwrap_or_else(|| quote::quote!(::seccomp_runtime)),
        })
    }
}

/// The token after a comma; none at the end, which may have a comma too.
fn next_argument(input: ParseStream<'_>) -> syn::Result<Option<TokenTree>> {
    if input.is_empty() {
        return Ok(None);
    }
    input.parse::<Token![,]>()?;
    if input.is_empty() { Ok(None) } else { input.parse().map(Some) }
}

fn twice(key: &TokenTree) -> syn::Error {
    syn::Error::new(key.span(), format!("`{key}` stands twice"))
}

fn parse_on_failure(input: ParseStream<'_>) -> syn::Result<OnFailure> {
    let span = input.span();
    match input.parse::<LitStr>().map(|literal| literal.value()).as_deref() {
        Ok("exit") => Ok(OnFailure::Exit),
        Ok("warn") => Ok(OnFailure::Warn),
        _ => Err(syn::Error::new(span, "`on_failure` is \"exit\", the default, or \"warn\"")),
    }
}

/// A path: everything up to a comma. rustc says what is wrong with it if it is none.
fn parse_path(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut path = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![;]) {
        path.extend([input.parse::<TokenTree>()?]);
    }
    if path.is_empty() { Err(input.error("expected the path of the runtime crate")) } else { Ok(path) }
}

impl Parse for Compile {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let architecture = input.parse()?;
        input.parse::<Token![;]>()?;
        let runtime = parse_path(input)?;
        input.parse::<Token![;]>()?;
        Ok(Self { architecture, runtime, policy: input.parse()? })
    }
}

impl Parse for Wanted {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut policy = Self::new(input.parse()?);
        while input.peek(Token![,]) {
            let Some(key) = next_argument(input)? else { break };
            if !policy.parse_argument(&key, input)? {
                return Err(syn::Error::new(key.span(), AFTER_POLICY));
            }
        }
        if input.is_empty() { Ok(policy) } else { Err(input.error(AFTER_POLICY)) }
    }
}

const AFTER_POLICY: &str = "after the policy there may be `deny_warnings`, `report` and `report_to`";

impl Wanted {
    fn new(source: Source) -> Self {
        Self { source, deny_warnings: false, report: None }
    }

    /// An argument that says how a policy is compiled; whether it is one.
    fn parse_argument(&mut self, key: &TokenTree, input: ParseStream<'_>) -> syn::Result<bool> {
        let wrong = |message| Err(syn::Error::new(key.span(), message));
        match (key.to_string().as_str(), &mut self.report) {
            ("deny_warnings", _) if !self.deny_warnings => self.deny_warnings = true,
            ("report", _) if !cfg!(feature = "report") => {
                return wrong("`report` needs the feature `report` of `seccomp-runtime`");
            }
            ("report", None) => {
                let equals = input.parse::<Option<Token![=]>>()?;
                let then = equals.map(|_| input.parse()).transpose()?;
                self.report = Some(Reporting { then, descriptor: None });
            }
            ("report_to", None) => return wrong("`report_to` stands after `report`"),
            ("report_to", Some(report)) if report.descriptor.is_none() => {
                input.parse::<Token![=]>()?;
                report.descriptor = Some(parse_path(input)?);
            }
            ("deny_warnings" | "report" | "report_to", _) => return Err(twice(key)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The policy and its arguments as they are written.
    pub(crate) fn to_tokens(&self) -> TokenStream {
        let mut tokens = self.source.to_tokens();
        if self.deny_warnings {
            tokens.extend(quote::quote!(, deny_warnings));
        }
        if let Some(Reporting { then, descriptor }) = &self.report {
            tokens.extend(quote::quote!(, report));
            tokens.extend(then.iter().map(|then| quote::quote!(= #then)));
            tokens.extend(descriptor.iter().map(|descriptor| quote::quote!(, report_to = #descriptor)));
        }
        tokens
    }
}
