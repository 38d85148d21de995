//! How an area declares its problems.

/// Declares the problems of one area, each in one place: severity, code, facts, and the message made of them.
macro_rules! problems {
    (
        $(#[$area_doc:meta])*
        enum $area:ident;
        $(
            $(#[$doc:meta])*
            $severity:ident $name:literal $code:ident $({ $($fact:ident: $kind:ty),* })? => $message:expr;
        )*
    ) => {
        $(#[$area_doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) enum $area {
            $($(#[$doc])* $code $({ $($fact: $kind),* })?,)*
        }

        impl $area {
            pub(super) const CODES: &'static [Code] = &[$(Code::$code),*];

            pub(super) const fn code(&self) -> Code {
                match self {
                    $(Self::$code { .. } => Code::$code,)*
                }
            }

            pub(crate) fn message(&self) -> Message {
                match self {
                    $(Self::$code $({ $($fact),* })? => $message,)*
                }
            }
        }

        #[expect(non_upper_case_globals, reason = "codes and problems have the same names")]
        impl Code {
            $(
                $(#[$doc])*
                pub const $code: Self = Self::$severity($name);
            )*
        }
    };
}
pub(super) use problems;
