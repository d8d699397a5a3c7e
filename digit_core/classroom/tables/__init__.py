"""The rows of classes in the database: read and written in a transaction that the caller holds."""
