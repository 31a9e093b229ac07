//! Configuration types that document their keys: the templates for operators are generated from them and their defaults, so
//! that no template can omit a key or describe another program's.

/// A key of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyDoc {
    /// Its name.
    pub name: &'static str,
    /// Its documentation, line by line; attributes other than documentation are empty lines.
    lines: &'static [&'static str],
}

impl KeyDoc {
    /// Creates a key with its documentation; for [`documented!`](crate::documented!).
    #[must_use]
    pub const fn new(name: &'static str, lines: &'static [&'static str]) -> Self {
        Self { name, lines }
    }

    /// Returns its documentation, line by line.
    pub fn lines(&self) -> impl Iterator<Item = &'static str> {
        self.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty())
    }
}

/// A configuration whose keys are documented.
pub trait Documented {
    /// The keys, in the order of the type.
    const KEYS: &'static [KeyDoc];
}

/// Declares a configuration type and makes it [`Documented`](crate::documented::Documented) by its fields' doc comments.
#[macro_export]
macro_rules! documented {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$($attribute:tt)*])* pub $field:ident: $ty:ty,)*
        }
    ) => {
        $(#[$meta])*
        pub struct $name {
            $($(#[$($attribute)*])* pub $field: $ty,)*
        }

        impl $crate::documented::Documented for $name {
            const KEYS: &'static [$crate::documented::KeyDoc] = &[
                $($crate::documented::KeyDoc::new(
                    stringify!($field),
                    &[$($crate::documentation_line!($($attribute)*)),*],
                )),*
            ];
        }
    };
}

/// The text of a line of documentation; empty for any other attribute.
#[doc(hidden)]
#[macro_export]
macro_rules! documentation_line {
    (doc = $text:literal) => {
        $text
    };
    ($($other:tt)*) => {
        ""
    };
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::Documented;

    documented! {
        /// A configuration.
        #[derive(Debug, Deserialize)]
        #[allow(dead_code, unreachable_pub)]
        pub struct Sample {
            /// How many.
            /// Default 3.
            #[serde(default)]
            pub number: u32,
            /// What it is called.
            pub name: String,
        }
    }

    #[test]
    fn keys_have_their_comments_and_nothing_else() {
        let keys: Vec<_> =
            Sample::KEYS.iter().map(|key| (key.name, key.lines().collect::<Vec<_>>())).collect();
        assert_eq!(keys, [("number", vec!["How many.", "Default 3."]), ("name", vec!["What it is called."])]);
    }
}
