-- When a client last called a tool under a grant: the person reads it beside the client.

ALTER TABLE oauth_grant ADD COLUMN last_used INTEGER;
