//! Enums whose variants are rows of a table: one more line is one more variant, everywhere.

/// An enum without data, with a row of type `$row` for each variant.
macro_rules! rows {
    ($(#[$meta:meta])* $vis:vis enum $name:ident: $row:ty { $($(#[$doc:meta])* $variant:ident = $value:expr,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// All of them, in the order of the table.
            $vis const ALL: &'static [Self] = &[$(Self::$variant),*];

            const ROWS: &'static [$row] = &[$($value),*];

            const fn row(self) -> &'static $row {
                &Self::ROWS[self as usize]
            }
        }
    };
}

pub(super) use rows;
