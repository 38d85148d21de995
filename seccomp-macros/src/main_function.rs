//! Finds the parts of `fn main` that the attribute needs; everything else is passed on as it is.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// `fn main`, taken apart.
pub(crate) struct MainFunction {
    /// `pub`, or nothing.
    pub(crate) visibility: TokenStream,
    /// Attributes and modifiers, as `#[tokio::main] async`, without a visibility.
    pub(crate) before: TokenStream,
    /// The empty parentheses.
    pub(crate) arguments: Group,
    /// `-> Result<…>`, or nothing.
    pub(crate) output: TokenStream,
    /// The body in its braces.
    pub(crate) body: Group,
    /// Where its name is.
    pub(crate) span: Span,
}

const ELSEWHERE: &str = "`#[policy]` belongs on `fn main`; elsewhere make the filter with `include_policy!(…)` and \
                         install it with `.install()`";

impl MainFunction {
    /// The parts of `item`.
    pub(crate) fn find(item: TokenStream) -> syn::Result<Self> {
        let tokens: Vec<TokenTree> = item.into_iter().collect();
        let wrong = |at: Option<&TokenTree>, message: &str| {
            Err(syn::Error::new(at.map_or_else(Span::call_site, TokenTree::span), message))
        };
        let Some(at) = tokens.iter().position(|token| is(token, "fn")) else {
            return wrong(tokens.first(), ELSEWHERE);
        };
        let (name, rest) = match &tokens[at + 1..] {
            [name, rest @ ..] if is(name, "main") => (name, rest),
            other => return wrong(other.first(), ELSEWHERE),
        };
        let (arguments, rest) = match rest {
            [TokenTree::Group(arguments), rest @ ..] => (arguments, rest),
            other => return wrong(other.first(), "`main` takes no type parameters"),
        };
        if let Some(first) = arguments.stream().into_iter().next() {
            return wrong(
                Some(&first),
                "`main` takes no arguments; in a C-style `main` use `include_policy!`",
            );
        }
        let (body, output) = match rest {
            [output @ .., last] => (block(last), output),
            [] => (None, rest),
        };
        let Some(body) = body else { return wrong(Some(name), "`main` has no body") };
        let (visibility, before) = visibility(&tokens[..at]);
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

/// Refuses attributes and modifiers with which the start of the program would not come to the filter: `main` is called
/// by a symbol of its own, or is async with nothing that runs it.
fn check_start(before: &[TokenTree], name: &TokenTree) -> syn::Result<()> {
    if let Some(symbol) = before.iter().find(|token| is(token, "extern") || names_a_symbol(token)) {
        let message = "a `main` that is called by its symbol would run without the filter: make the filter with \
                       `include_policy!(…)` and install it first thing in `main`";
        return Err(syn::Error::new(symbol.span(), message));
    }
    let is_async = before.iter().any(|token| is(token, "async"));
    if is_async && !before.iter().any(may_be_a_runtime) {
        let message = "an async `main` needs its runtime's attribute as well, such as `#[tokio::main]`";
        return Err(syn::Error::new(name.span(), message));
    }
    Ok(())
}

/// What takes the place of an item that the attribute does not belong on, so that rustc does not report it, too: the
/// item itself, unless it is a `main` that is none.
pub(crate) fn stand_in(item: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    if !tokens.windows(2).any(|pair| is(&pair[0], "fn") && is(&pair[1], "main")) {
        return item;
    }
    let main =
        [Ident::new("fn", Span::call_site()), Ident::new("main", Span::call_site())].map(TokenTree::Ident);
    let rest = [Delimiter::Parenthesis, Delimiter::Brace]
        .map(|of| TokenTree::Group(Group::new(of, TokenStream::new())));
    main.into_iter().chain(rest).collect()
}

/// Whether a token is this word.
fn is(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

/// A block; as a fragment of `macro_rules!` it comes in a group without delimiters.
fn block(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => group.stream().into_iter().next().as_ref().and_then(block),
        Delimiter::Parenthesis | Delimiter::Bracket => None,
    }
}

/// Whether an attribute may be that of an async runtime: the brackets of one that rustc itself does not know.
fn may_be_a_runtime(token: &TokenTree) -> bool {
    const RUSTC: [&str; 8] = ["allow", "cold", "deny", "deprecated", "doc", "expect", "must_use", "warn"];
    let TokenTree::Group(brackets) = token else { return false };
    let name = brackets.stream().into_iter().next();
    brackets.delimiter() == Delimiter::Bracket
        && name.is_some_and(|name| !RUSTC.contains(&name.to_string().as_str()))
}

/// Whether an attribute gives a function a symbol of its own: the author's `main` would have it, and not the one that
/// installs the filter.
fn names_a_symbol(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    group.stream().into_iter().any(|token| match &token {
        TokenTree::Ident(ident) => ident == "no_mangle" || ident == "export_name",
        token => names_a_symbol(token),
    })
}

/// `pub` or `pub(…)`, which the function around the author's own takes over, and the rest.
fn visibility(tokens: &[TokenTree]) -> (TokenStream, Vec<TokenTree>) {
    let Some(at) = tokens.iter().position(|token| is(token, "pub")) else {
        return (TokenStream::new(), tokens.to_vec());
    };
    let restricted = matches!(
        tokens.get(at + 1),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis
    );
    let rest = at + 1 + usize::from(restricted);
    let visibility = tokens[at..rest].iter().cloned().collect();
    (visibility, [&tokens[..at], &tokens[rest..]].concat())
}
