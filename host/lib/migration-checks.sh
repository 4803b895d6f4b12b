# Rows on which a migration is known to refuse or fail, by the revision that does. From Specivo's own migrations: 0030 and 0032 look for
# them and raise; 0009 and 0023 make unique indexes. `seed` runs at every start and fails on two rows of one name.

# One row a finding: REVISION|what was found. A table or column that is not there yet has nothing to find.
migration_checks_sql() {
    cat <<'SQL'
SELECT CASE WHEN to_regclass('public.users') IS NULL THEN NULL ELSE
    $$SELECT '0030|the user ' || login || ' (' || coalesce(email, '') || ') has the login or the e-mail address that Specivo reserves for anonymous visitors'
      FROM users WHERE lower(login) = '$anonymous' OR lower(email) = 'anonymous@specivo.invalid'$$ END
UNION ALL SELECT CASE WHEN (SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'roles' AND column_name = 'builtin') = 0 THEN NULL ELSE
    $$SELECT '0032|' || count(*) || ' roles are of the built-in kind ' || builtin || ', of which there may be one' FROM roles WHERE builtin > 0 GROUP BY builtin HAVING count(*) > 1
      UNION ALL SELECT '0032|the built-in role ' || r.name || ' is held by ' || count(*) || ' memberships' FROM member_roles m JOIN roles r ON r.id = m.role_id WHERE r.builtin > 0 GROUP BY r.id, r.name
      UNION ALL SELECT '0032|a role of your own is named Non member' FROM roles WHERE name = 'Non member' AND builtin = 0 AND NOT EXISTS (SELECT FROM roles WHERE builtin = 1)$$ END
UNION ALL SELECT CASE WHEN to_regclass('public.metadata_presets') IS NULL THEN NULL ELSE
    $$SELECT '0023|' || count(*) || ' metadata presets are named ' || lower(slug) || ' but for upper and lower case' FROM metadata_presets GROUP BY lower(slug) HAVING count(*) > 1$$ END
UNION ALL SELECT CASE WHEN to_regclass('public.member_roles') IS NULL THEN NULL ELSE
    $$SELECT '0009|a membership (' || member_id || ') holds the same role (' || role_id || ') ' || count(*) || ' times' FROM member_roles GROUP BY member_id, role_id HAVING count(*) > 1$$ END
UNION ALL SELECT CASE WHEN to_regclass('public.' || name) IS NULL THEN NULL ELSE
    format($$SELECT 'seed|' || count(*) || ' rows of %1$s are named ' || name FROM %1$I GROUP BY name HAVING count(*) > 1$$, name) END
    FROM unnest(ARRAY['issue_statuses', 'issue_priorities', 'trackers']) name
\gexec
SQL
}
