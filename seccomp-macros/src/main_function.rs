//! Finds the parts of `fn main` that the attribute needs; everything else is passed on as it is.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// `fn main`, taken apart.
pub(crate) struct MainFunction {
    /// Attributes and modifiers, as `#[tokio::main] async`, without a visibility.
    pub(crate) before: TokenStream,
    /// `-> Result<…>`, or nothing.
    pub(crate) output: TokenStream,
    /// The body in its braces.
    pub(crate) body: TokenStream,
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
        let is = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(ident) if ident == word);
        let Some(at) = tokens.iter().position(|token| is(token, "fn")) else {
            return wrong(tokens.first(), ELSEWHERE);
        };
        let (name, rest) = match &tokens[at + 1..] {
            [name, rest @ ..] if is(name, "main") => (name, rest),
            other => return wrong(other.first(), ELSEWHERE),
        };
        let Some((TokenTree::Group(arguments), rest)) = rest.split_first() else {
            return wrong(rest.first(), "`main` takes no type parameters");
        };
        if !arguments.stream().is_empty() {
            return wrong(rest.first(), "`main` takes no arguments; in a C-style `main` use `include_policy!`");
        }
        let Some((TokenTree::Group(body), output)) = rest.split_last() else {
            return wrong(Some(name), "`main` has no body");
        };
        if body.delimiter() != Delimiter::Brace {
            return wrong(Some(name), "`main` has no body");
        }
        let before = without_visibility(&tokens[..at]);
        let is_async = before.iter().any(|token| is(token, "async"));
        let has_attribute = before.iter().any(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '#'));
        if is_async && !has_attribute {
            let message = "an async `main` needs its runtime's attribute as well, such as `#[tokio::main]`";
            return wrong(Some(name), message);
        }
        Ok(Self {
            before: before.into_iter().collect(),
            output: output.iter().cloned().collect(),
            body: TokenStream::from(TokenTree::Group(body.clone())),
            span: name.span(),
        })
    }
}

/// Drops `pub` and `pub(…)`, which a function inside another cannot have use of.
fn without_visibility(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let Some(at) = tokens.iter().position(|token| matches!(token, TokenTree::Ident(ident) if ident == "pub")) else {
        return tokens.to_vec();
    };
    let restricted = matches!(
        tokens.get(at + 1),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis
    );
    let rest = at + 1 + usize::from(restricted);
    [&tokens[..at], &tokens[rest..]].concat()
}
