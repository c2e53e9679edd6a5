-- 90_grants.sql -- what nobody but the extension's owner may call.
--
-- Functions are granted to PUBLIC unless they are named here; tables and views were granted where they are made.
-- Everything runs with the rights of the caller, so a grant gives nobody more than a shorter way to what he may do anyway.

REVOKE CREATE ON SCHEMA sim FROM PUBLIC;
