//! Whether a repository may write: determined by where it comes from, checked by the compiler.

/// A repository's access right: [`Read`] from [`Store`](crate::Store), [`Write`] from [`Work`](crate::Work).
pub trait Mode: Send + Sync {}

/// May read.
#[derive(Clone, Copy, Debug)]
pub struct Read;

/// May read and write, inside one transaction.
#[derive(Clone, Copy, Debug)]
pub struct Write;

impl Mode for Read {}
impl Mode for Write {}

/// Declares a repository: a borrowed connection or transaction with an access right.
macro_rules! repository {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name<'a, M: $crate::mode::Mode> {
            pub(crate) db: sea_orm::DatabaseExecutor<'a>,
            mode: std::marker::PhantomData<M>,
        }

        impl<'a, M: $crate::mode::Mode> $name<'a, M> {
            pub(crate) fn new(db: impl Into<sea_orm::DatabaseExecutor<'a>>) -> Self {
                Self { db: db.into(), mode: std::marker::PhantomData }
            }
        }
    };
}
pub(crate) use repository;
