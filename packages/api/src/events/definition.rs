//! Defines an event as a struct that converts to the chain's event and is read from its attributes.

/// Defines events: `Name = "type" { field: Type, … }`, each with its documentation. Every field is an attribute of its name.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $ty:literal { $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name {
                $($(#[$field_doc])* pub $field: $kind),*
            }

            impl $name {
                /// The event's type without the chain's `wasm-`.
                pub const TYPE: &'static str = $ty;

                pub(super) fn decode(
                    attributes: &[(&str, &str)],
                ) -> Result<Self, $crate::events::codec::EventDecodeError> {
                    Ok(Self { $($field: $crate::events::codec::read(attributes, stringify!($field))?),* })
                }
            }

            impl From<$name> for cosmwasm_std::Event {
                fn from(event: $name) -> Self {
                    use $crate::events::codec::AttributeValue as _;
                    let $name { $($field),* } = event;
                    cosmwasm_std::Event::new($ty)$(.add_attribute(stringify!($field), $field.to_attribute()))*
                }
            }
        )*
    };
}

pub(super) use events;
