//! The database: entities, migrations and repositories; all SQL lives here.
