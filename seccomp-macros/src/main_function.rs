//! Splits `fn main` into the parts that the attribute needs. Everything within them is passed on as it is.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// The parts of `fn main`.
pub(crate) struct MainFunction {
    /// `pub`, `pub(…)` or nothing.
    pub(crate) visibility: TokenStream,
    /// Attributes and modifiers, such as `#[tokio::main] async`, without the visibility.
    pub(crate) before: TokenStream,
    /// The empty parentheses.
    pub(crate) arguments: Group,
    /// `-> Result<…>`, or nothing.
    pub(crate) output: TokenStream,
    /// The body, with its braces.
    pub(crate) body: Group,
    /// The span of the name.
    pub(crate) span: Span,
}

const NOT_ON_MAIN: &str = "`#[policy]` must be on `fn main`; elsewhere, make the filter with `include_policy!(…)` and \
                           install it with `.install()`";

impl MainFunction {
    pub(crate) fn parse(item: TokenStream) -> syn::Result<Self> {
        let tokens: Vec<TokenTree> = item.into_iter().collect();
        let error = |token: Option<&TokenTree>, message: &str| {
            Err(syn::Error::new(token.map_or_else(Span::call_site, TokenTree::span), message))
        };
        let Some(keyword) = tokens.iter().position(|token| is_word(token, "fn")) else {
            return error(tokens.first(), NOT_ON_MAIN);
        };
        let (name, rest) = match &tokens[keyword + 1..] {
            [name, rest @ ..] if is_word(name, "main") => (name, rest),
            other => return error(other.first(), NOT_ON_MAIN),
        };
        let (arguments, rest) = match rest {
            [TokenTree::Group(arguments), rest @ ..] => (arguments, rest),
            other => return error(other.first(), "`main` cannot be generic"),
        };
        if let Some(first) = arguments.stream().into_iter().next() {
            let message = "`main` cannot have arguments; in a C-style `main`, use `include_policy!(…)`";
            return error(Some(&first), message);
        }
        let (body, output) = match rest {
            [output @ .., last] => (block(last), output),
            [] => (None, rest),
        };
        let Some(body) = body else { return error(Some(name), "`main` has no body") };
        let (visibility, before) = split_visibility(&tokens[..keyword]);
        check_start(&before, name)?;
        Ok(Self {
            visibility,
            before: before.into_iter().collect(),
            arguments: arguments.clone(),
            output: output.iter().cloned().collect(),
            body,
            span: name.span(),
        })
    }
}

/// Rejects attributes and modifiers with which a program would start without the filter: those with which the author's
/// `main` is called by its symbol or by the test harness, and `async` without a runtime.
fn check_start(before: &[TokenTree], name: &TokenTree) -> syn::Result<()> {
    if is_in_a_test_harness() {
        let message = "the test harness calls its own `main`, not this one; in a test, make the filter with \
                       `include_policy!(…)` and install it with `.install_on_current_thread()`";
        return Err(syn::Error::new(name.span(), message));
    }
    if let Some(attribute) = before.iter().find(|token| is_a_test(token)) {
        let message = "a test would never run below `#[policy]`; in a test, make the filter with `include_policy!(…)` \
                       and install it with `.install_on_current_thread()`";
        return Err(syn::Error::new(attribute.span(), message));
    }
    if let Some(symbol) = before.iter().find(|token| is_word(token, "extern") || names_a_symbol(token)) {
        let message = "a `main` that is called by its symbol would run without the filter; make the filter with \
                       `include_policy!(…)` and install it first thing in `main`";
        return Err(syn::Error::new(symbol.span(), message));
    }
    let is_async = before.iter().any(|token| is_word(token, "async"));
    if is_async && !before.iter().any(may_be_a_runtime) {
        let message = "an async `main` also needs the attribute of its runtime, such as `#[tokio::main]`";
        return Err(syn::Error::new(name.span(), message));
    }
    Ok(())
}

/// Whether rustc compiles an integration test or a benchmark with a `main` of its own. The unit tests of a program also
/// have one, but there the attribute is for the program itself.
fn is_in_a_test_harness() -> bool {
    std::env::var_os("CARGO_TARGET_TMPDIR").is_some()
        && std::env::args_os().any(|argument| argument == "--test")
}

/// An item in place of one that the attribute must not be on, so that rustc does not report an error of its own: the
/// item itself, or an empty `main` for one that is malformed.
pub(crate) fn stand_in(item: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    if !tokens.windows(2).any(|pair| is_word(&pair[0], "fn") && is_word(&pair[1], "main")) {
        return item;
    }
    let main =
        [Ident::new("fn", Span::call_site()), Ident::new("main", Span::call_site())].map(TokenTree::Ident);
    let rest = [Delimiter::Parenthesis, Delimiter::Brace]
        .map(|delimiter| TokenTree::Group(Group::new(delimiter, TokenStream::new())));
    main.into_iter().chain(rest).collect()
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

/// A block. One that is a fragment of `macro_rules!` is in a group without delimiters.
fn block(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => group.stream().into_iter().next().as_ref().and_then(block),
        Delimiter::Parenthesis | Delimiter::Bracket => None,
    }
}

/// Whether a token is the brackets of an attribute that may start an async runtime: any that is not one of rustc's.
fn may_be_a_runtime(token: &TokenTree) -> bool {
    const RUSTC: [&str; 8] = ["allow", "cold", "deny", "deprecated", "doc", "expect", "must_use", "warn"];
    let TokenTree::Group(brackets) = token else { return false };
    let name = brackets.stream().into_iter().next();
    brackets.delimiter() == Delimiter::Bracket
        && name.is_some_and(|name| !RUSTC.contains(&name.to_string().as_str()))
}

/// Whether a token is the brackets of an attribute that makes a function a test, such as `#[test]` or
/// `#[tokio::test(…)]`.
fn is_a_test(token: &TokenTree) -> bool {
    let TokenTree::Group(brackets) = token else { return false };
    let path = brackets.stream().into_iter().take_while(|token| !matches!(token, TokenTree::Group(_)));
    brackets.delimiter() == Delimiter::Bracket
        && path.last().is_some_and(|name| is_word(&name, "test") || is_word(&name, "bench"))
}

/// Whether an attribute gives the function a symbol name, which the author's `main` would have instead of the one that
/// installs the filter.
fn names_a_symbol(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    group.stream().into_iter().any(|token| match &token {
        TokenTree::Ident(ident) => ident == "no_mangle" || ident == "export_name",
        token => names_a_symbol(token),
    })
}

/// The visibility, which moves to the function that installs the filter, and the other tokens.
fn split_visibility(tokens: &[TokenTree]) -> (TokenStream, Vec<TokenTree>) {
    let Some(start) = tokens.iter().position(|token| is_word(token, "pub")) else {
        return (TokenStream::new(), tokens.to_vec());
    };
    let restricted = matches!(
        tokens.get(start + 1),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis
    );
    let end = start + 1 + usize::from(restricted);
    // Nothing outside a program can call its `main`, but rustc calls no function dead that is `pub` at the root.
    let visibility = match restricted {
        true => tokens[start..end].iter().cloned().collect(),
        false => quote::quote_spanned!(tokens[start].span()=> pub(crate)),
    };
    (visibility, [&tokens[..start], &tokens[end..]].concat())
}
