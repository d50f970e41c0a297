-- One database and one role for each service. To be run by psql as a superuser, connected to the
-- database postgres; running it again changes only the passwords. They come from the environment:
-- ACCOUNTS_PASSWORD, BOOKING_PASSWORD, EVENT_TICKETING_PASSWORD, PAYMENT_SANDBOX_PASSWORD.
--
-- A role enters its own database only, and there it makes and uses its own tables and nothing else:
-- the databases belong to the superuser, who alone can drop them. The services migrate their tables
-- themselves when they start.

\set ON_ERROR_STOP on
\getenv accounts_password ACCOUNTS_PASSWORD
\getenv booking_password BOOKING_PASSWORD
\getenv event_ticketing_password EVENT_TICKETING_PASSWORD
\getenv payment_sandbox_password PAYMENT_SANDBOX_PASSWORD

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['accounts', 'booking', 'event_ticketing', 'payment_sandbox']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

-- No server keeps the words of these statements in its log.
SET log_statement = 'none';
ALTER ROLE accounts LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'accounts_password';
ALTER ROLE booking LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'booking_password';
ALTER ROLE event_ticketing LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'event_ticketing_password';
ALTER ROLE payment_sandbox LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'payment_sandbox_password';

SELECT format('CREATE DATABASE %I ENCODING ''UTF8'' LC_COLLATE ''C'' TEMPLATE template0', name)
FROM unnest(ARRAY['accounts', 'booking', 'event_ticketing', 'payment_sandbox']) AS name
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
REVOKE ALL ON DATABASE accounts, booking, event_ticketing, payment_sandbox FROM PUBLIC;
GRANT CONNECT ON DATABASE accounts TO accounts;
GRANT CONNECT ON DATABASE booking TO booking;
GRANT CONNECT ON DATABASE event_ticketing TO event_ticketing;
GRANT CONNECT ON DATABASE payment_sandbox TO payment_sandbox;

\connect accounts
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO accounts;
\connect booking
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO booking;
\connect event_ticketing
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO event_ticketing;
\connect payment_sandbox
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO payment_sandbox;
