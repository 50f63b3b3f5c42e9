-- The columns of a file's tables and views.
SELECT table_name, column_name, data_type, is_nullable = 'YES', table_type = 'BASE TABLE'
FROM information_schema.columns JOIN information_schema.tables USING (table_catalog, table_schema, table_name)
WHERE table_catalog = current_database() AND table_schema = 'main'
ORDER BY table_name, ordinal_position
